import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { startDemo } from '../demo/start.ts'
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
  const demo = await startDemo({ now: Date.now(), clock: Date.now })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
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
