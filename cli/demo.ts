import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { dayMs } from '../core/calendar.ts'
import { ConfigError } from '../core/errors.ts'
import { startDemo } from '../demo/start.ts'
import { openSqlite } from '../store/sqlite.ts'
import { readConfig } from './context.ts'

const folder = 'demo-data'
const template = join(import.meta.dirname, '..', 'config', 'demo.yaml')

export interface RunningDemo {
  config: Config
  stop(): Promise<void>
}

/**
 * Starts the demo company on loopback and configures Dorado for it in a folder of its own, which begins empty
 * every time: the company's history ends now, so yesterday's is another one.
 */
export async function startDemoCompany(): Promise<RunningDemo> {
  process.stdout.write(
    'No dorado.yaml here: starting the demo company, a simulated GitHub and PagerDuty on this machine.\n',
  )
  removeFormer()
  // From midnight, so that it is the same company all day, and grows as the hours pass.
  const midnight = Math.floor(Date.now() / dayMs) * dayMs
  const demo = await startDemo({ now: midnight, clock: Date.now })
  const values: Record<string, string> = {
    DEMO_GITHUB_URL: demo.githubUrl,
    DEMO_GITHUB_TOKEN: demo.githubToken,
    DEMO_PAGERDUTY_URL: demo.pagerdutyUrl,
    DEMO_PAGERDUTY_TOKEN: demo.pagerdutyToken,
    DEMO_SINCE: new Date(demo.since).toISOString(),
  }
  // Written out whole, so that other commands can be tried on the demo while it runs.
  const text = readFileSync(template, 'utf8').replaceAll(
    /\$\{(DEMO_\w+)\}/g,
    (_, name: string) => values[name] ?? '',
  )
  const path = join(folder, 'dorado.yaml')
  writeFileSync(path, text)
  return { config: readConfig(path), stop: () => demo.stop() }
}

/** Removes what an earlier demo left, and nothing else that may lie in the folder; not below one that runs. */
function removeFormer(): void {
  mkdirSync(folder, { recursive: true })
  const storePath = join(folder, 'dorado.db')
  if (existsSync(storePath)) {
    try {
      openSqlite({ path: storePath, owner: 'dorado start' }).close()
    } catch (error) {
      // Any other trouble with the former store goes with it.
      if (error instanceof ConfigError && error.message.includes('is in use by')) throw error
    }
  }
  for (const name of readdirSync(folder)) {
    if (/^dorado\.(yaml|lp|db(-\w+)?)$/.test(name)) rmSync(join(folder, name))
  }
}
