import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../cli/context.ts'
import { messageOf } from '../../core/errors.ts'
import { startDemo } from '../../demo/start.ts'

/**
 * What the container of docker-compose.yml runs: `dorado start` on the configuration that DORADO_CONFIG names, which
 * is mounted as dorado.yaml, or else on the demo company, whose points go to the InfluxDB beside it.
 */
const demoFolder = 'demo'
const sinksPath = join(import.meta.dirname, 'sinks.yaml')
const isDemo = !process.env['DORADO_CONFIG']

try {
  process.argv.splice(2, Infinity, 'start', '--config', isDemo ? await configureDemo() : configured())
} catch (error) {
  process.stderr.write(`dorado: ${messageOf(error)}\n`)
  process.exit(1)
}
await import('../../cli.ts')
// The simulated servers of the demo would keep it running.
process.exit()

function configured(): string {
  if (existsSync(demoFolder))
    throw new Error('the volumes hold the demo company: remove it with docker compose down --volumes first')
  return 'dorado.yaml'
}

/** Starts the demo company and writes a configuration for it; returns its path. */
async function configureDemo(): Promise<string> {
  await removeFormer()
  const day = 86_400_000
  const demo = await startDemo({ now: Math.floor(Date.now() / day) * day, clock: Date.now })
  const template = readFileSync(join(import.meta.dirname, '..', '..', 'config', 'demo.yaml'), 'utf8')
  const filled = template.replaceAll(/\$\{(DEMO_\w+)\}/g, (_, name: string) => demo.environment[name]!)
  writeFileSync(join(demoFolder, 'dorado.yaml'), filled + readFileSync(sinksPath, 'utf8'))
  return join(demoFolder, 'dorado.yaml')
}

/**
 * The demo's history ends now, so after a restart it is another company: nothing of the former one stays. Points of
 * anybody else are not touched.
 */
async function removeFormer(): Promise<void> {
  const isOurs = existsSync(demoFolder)
  if (!isOurs && (await ask('SELECT last("n") FROM "dora_window"')).includes('"values"'))
    throw new Error(
      'the bucket has points that are not the demo company’s: set DORADO_CONFIG, or use an empty bucket',
    )
  if (isOurs) {
    await ask('DELETE FROM /^dora_/')
    process.stdout.write('The points of the former demo company are removed.\n')
  }
  rmSync(demoFolder, { recursive: true, force: true })
  mkdirSync(demoFolder)
}

/** In InfluxQL, which 1.x and 2.x have in common. */
async function ask(q: string): Promise<string> {
  const { url, token, bucket: db } = readConfig(sinksPath).sinks[0]!.settings as Record<string, string>
  const answer = await fetch(`${url}/query?${new URLSearchParams({ db: db!, q }).toString()}`, {
    method: 'POST',
    headers: { authorization: `Token ${token}` },
  })
  const text = await answer.text()
  if (!answer.ok || text.includes('"error"'))
    throw new Error(`${url} answered ${answer.status} to ${q}: ${text}`)
  return text
}
