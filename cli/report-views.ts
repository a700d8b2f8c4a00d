import type { Config } from '../config/config.ts'
import { ConfigError } from '../core/errors.ts'
import type { ReportFlags } from './report.ts'

/** What `dorado report` can tell besides the numbers: one of them at a time. */
export interface ViewFlags extends ReportFlags {
  quality?: true
  changesSince?: string
}

/** `dorado report` in the view asked for; each one's code is loaded when it is. */
export async function reportView(config: Config, flags: ViewFlags): Promise<void> {
  const { quality, changesSince, flow, ci, flaky } = flags
  const asked = [
    quality && '--quality',
    changesSince !== undefined && '--changes-since',
    flow && '--flow',
    ci && '--ci',
    flaky && '--flaky',
  ].filter(Boolean)
  if (asked.length > 1) throw new ConfigError(`${asked.join(' and ')}: one at a time`)
  if (quality) {
    const { qualityCommand } = await import('./quality.ts')
    return qualityCommand(config, flags)
  }
  if (changesSince !== undefined) {
    const { reportChanges } = await import('./changes.ts')
    return reportChanges(config, { ...flags, changesSince })
  }
  const { reportCommand } = await import('./report.ts')
  return reportCommand(config, flags)
}
