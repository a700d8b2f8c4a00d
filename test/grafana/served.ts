import { join } from 'node:path'
import { select, startProxy, type Influx } from '../process/influxd.ts'
import { folders, run, start, type Ended, type Running } from '../process/program.ts'

const programs = join(import.meta.dirname, '..', '..', 'grafana', 'compose')

/** A row of an answer, with the tags of its series. */
export type Row = Record<string, string | number | boolean | null>

/** The demo company as the container of docker-compose.yml runs it, its points in a real InfluxDB. */
export interface Served {
  rows(statement: string): Promise<Row[]>
  report(...args: string[]): Promise<unknown>
  /** What the container's health check says while it runs. */
  health: Ended
  /** Starts the container's program again, in the same or another volume. */
  again(volume: 'same' | 'another'): Running
  stop(): Promise<void>
}

/** Runs the demo's first refresh, then adds test reports, which no source of it tells. */
export async function serve(influx: Influx): Promise<Served> {
  const proxy = await startProxy(influx)
  const temporary = folders()
  const cwd = temporary.with({ 'reports.ndjson': testReports() })
  const env = {
    INFLUXDB_URL: proxy.url,
    INFLUXDB_TOKEN: influx.token ?? 'none',
    INFLUXDB_ORG: influx.org,
    INFLUXDB_BUCKET: influx.bucket,
    // Seven processes of the same code.
    NODE_COMPILE_CACHE: temporary.make(),
  }
  const program = start([], { cwd, env, file: join(programs, 'start.ts') })
  await program.says('until Ctrl-C')
  const health = await run([], { cwd, env, file: join(programs, 'health.ts') })
  program.child.kill('SIGTERM')
  expectEnded(await program.ended)

  const dorado = async (...args: string[]) =>
    expectEnded(await run([...args, '--config', 'demo/dorado.yaml'], { cwd, env }))
  await dorado('import', 'reports.ndjson')
  return {
    health,
    again: (volume) =>
      start([], { cwd: volume === 'same' ? cwd : temporary.make(), env, file: join(programs, 'start.ts') }),
    report: async (...args) => JSON.parse(await dorado('report', '--format', 'json', ...args)) as unknown,
    async rows(statement) {
      const series = await select(influx, statement)
      return series.flatMap(({ tags, columns, values }) =>
        values.map((value) => ({
          ...tags,
          ...Object.fromEntries(columns.map((name, at) => [name, value[at]!])),
        })),
      )
    },
    async stop() {
      await proxy.close()
      temporary.remove()
    },
  }
}

function expectEnded({ code, stdout, stderr }: Ended): string {
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`)
  return stdout
}

/** Of one repository: a test that fails every fifth time, and one that never does. */
function testReports(): object[] {
  const hour = 3_600_000
  return Array.from({ length: 25 }, (_, index) => ({
    kind: 'testReport',
    source: 'junit',
    id: `run-${index}`,
    repository: 'acme/web',
    run: `run-${index}`,
    startedAt: new Date(Date.now() - (30 + index) * hour).toISOString(),
    suites: [
      {
        name: 'cart',
        tests: [
          ['adds', 1, 0],
          ['waits', index % 5 === 0 ? 0 : 1, index % 5 === 0 ? 1 : 0],
        ],
      },
    ],
  }))
}
