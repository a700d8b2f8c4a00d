import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startDemo } from '../../demo/start.ts'

/**
 * What the container of docker-compose.yml runs: `dorado start` on the configuration that DORADO_CONFIG names, which
 * is mounted as dorado.yaml, or else on the demo company, whose points go to the InfluxDB beside it.
 */
const config = process.env['DORADO_CONFIG'] ? 'dorado.yaml' : await configureDemo()

process.argv.splice(2, Infinity, 'start', '--config', config)
await import('../../cli.ts')
// The simulated servers of the demo would keep it running.
process.exit()

/** Starts the demo company and writes a configuration for it; returns its path. */
async function configureDemo(): Promise<string> {
  const day = 86_400_000
  const demo = await startDemo({ now: Math.floor(Date.now() / day) * day, clock: Date.now })
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'config', 'demo.yaml'), 'utf8')
  const sinks = readFileSync(join(import.meta.dirname, 'sinks.yaml'), 'utf8')
  const filled = text.replaceAll(/\$\{(DEMO_\w+)\}/g, (_, name: string) => demo.environment[name]!)
  // Its history ends now, so after a restart it is another company: nothing of the former one stays.
  rmSync('demo', { recursive: true, force: true })
  await removePoints()
  mkdirSync('demo')
  writeFileSync(join('demo', 'dorado.yaml'), filled + sinks)
  return join('demo', 'dorado.yaml')
}

/** Removes all of Dorado's points from the bucket: InfluxQL, which 1.x and 2.x have in common. */
async function removePoints(): Promise<void> {
  const { INFLUXDB_URL: url = '', INFLUXDB_TOKEN: token = '', INFLUXDB_BUCKET: db = '' } = process.env
  const query = new URLSearchParams({ db, q: 'DELETE FROM /^dora_/' })
  const answer = await fetch(`${url}/query?${query.toString()}`, {
    method: 'POST',
    headers: { authorization: `Token ${token}` },
  })
  const text = await answer.text()
  if (!answer.ok || text.includes('"error"')) throw new Error(`${url} answered ${answer.status}: ${text}`)
}
