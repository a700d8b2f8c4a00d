import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dashboards } from '../../grafana/dashboards.ts'
import { influxServers, type Influx } from '../process/influxd.ts'
import { choicesIn, everything, inEveryWindow, windows } from './choices.ts'
import { comparable, expectedOf } from './comparing.ts'
import { filled, queriesOf, type Asked, type Choices } from './filling.ts'
import { serve, type Row, type Served } from './served.ts'
import type { Report } from './told.ts'

/**
 * Every query of every dashboard, asked as Grafana asks it of a real InfluxDB that has the demo company's points:
 * each finds something, and what it finds is what `dorado report` tells of the same instant.
 */

const servers = influxServers('^dora_')
if (servers.length === 0) {
  console.warn('No influxd on the PATH and no INFLUX_URL and INFLUX_BUCKET: no dashboard is asked. Skipped.')
}

test.skipIf(process.env['CI'] !== 'true' && servers.length === 0)('a real InfluxDB is there', () => {
  expect(servers, 'install the package influxdb, or set INFLUX_URL').not.toHaveLength(0)
})

const day = 86_400_000
const asked = Object.values(dashboards).flatMap(queriesOf)
/** What the demo company does not have: nobody there reviews so large a change. */
const notInTheDemo = ['panel Review time by size, the organisation, query D']

describe.each(servers)('%s', (_, open) => {
  let influx: Influx
  let served: Served
  /** What may be chosen: of the dashboard of one service, each of them with one of its deployments. */
  let choices: { one: Choices[]; several: Choices[] }
  const range = { from: Date.now() - 90 * day, to: Date.now() + day }
  const reports = new Map<number, Promise<Report>>()
  const reportAt = (at: number): Promise<Report> => {
    const known = reports.get(at) ?? (served.report('--as-of', new Date(at).toISOString()) as Promise<Report>)
    reports.set(at, known)
    return known
  }
  const newest = async () => {
    const [row] = await served.rows('SELECT last("n") FROM "dora_window"')
    return Date.parse(row!['time'] as string)
  }
  const ask = (query: string, chosen: Choices) => served.rows(filled(query, chosen, range))
  const choicesOf = ({ dashboard }: Asked) => (dashboard === 'dorado-service' ? choices.one : choices.several)

  beforeAll(async () => {
    influx = await open()
    served = await serve(influx)
    choices = await choicesIn(served)
  }, 120_000)
  afterAll(async () => {
    await served?.stop()
    await influx?.stop()
  })

  test('the container is healthy after the first refresh', () => {
    expect(served.health).toMatchObject({ code: 0, stdout: expect.stringMatching(/^last refresh: slot of /) })
  })

  test.each(asked)('$dashboard: $what finds something', async (each) => {
    if (notInTheDemo.includes(each.what)) return
    for (const chosen of choicesOf(each)) if ((await ask(each.query, chosen)).length > 0) return
    expect.fail(`nothing is found by ${each.query}`)
  })

  test.each(asked.filter(comparable))('$dashboard: $what tells what the report tells', async (each) => {
    if (notInTheDemo.includes(each.what)) return
    let compared = 0
    const all = choicesOf(each).flatMap((any) => inEveryWindow(each, any))
    const answers = await Promise.all(all.map((chosen) => ask(each.query, chosen)))
    for (const [index, chosen] of all.entries()) {
      for (const found of recent(answers[index]!)) {
        const row: Row = {
          ...(typeof chosen['service'] === 'string' && { service: chosen['service'] }),
          ...found,
        }
        const expected = expectedOf(each, row, chosen, await reportAt(Date.parse(row['time'] as string)))
        const shown = Object.fromEntries(Object.keys(expected).map((field) => [field, row[field] ?? null]))
        expect(shown, JSON.stringify(row)).toEqual(expected)
        compared += 1
      }
    }
    expect(compared).toBeGreaterThan(0)
  })

  test.each(windows)('every service and team is in the tables of %s', async (window) => {
    const ids = async (title: string, ...tags: string[]) => {
      const rows = await ask(queryOf('dorado-overview', title), { ...everything, window })
      return rows.map((row) => tags.map((tag) => row[tag]).join(' ')).sort()
    }
    const { services, teams } = await reportAt(await newest())
    const those = (isDeployed: boolean) =>
      services
        .filter(({ windows: all }) => (all[window]?.deployments ?? 0) > 0 === isDeployed)
        .map(({ service, team, environment }) => [service, team, environment].join(' '))
        .sort()
    expect(await ids('Services', 'service', 'team', 'environment')).toEqual(those(true))
    expect(await ids('Nothing deployed within the window', 'service', 'team', 'environment')).toEqual(
      those(false),
    )
    expect(await ids('Teams', 'team')).toEqual(teams.map(({ team }) => team))
  })

  test('the lists have every deployment and failure that the report counts', async () => {
    const query = (title: string) => queryOf('dorado-service', title)
    const at = await newest()
    const { services } = await reportAt(at)
    for (const { service, environment, windows: all } of services) {
      const chosen = { ...everything, service, environment }
      const within = { from: at - 30 * day, to: at - 1 }
      const listed = async (title: string) => (await served.rows(filled(query(title), chosen, within))).length
      const { deployments, failed } = all['30d']!
      expect([service, await listed('Deployments')]).toEqual([service, deployments])
      expect([service, await listed('Failed deployments')]).toEqual([service, failed])
    }
  })

  test('points of somebody else are not taken for the demo company’s', async () => {
    const { code, stderr } = await served.again('another').ended
    expect([code, stderr]).toEqual([1, expect.stringContaining('set DORADO_CONFIG, or use an empty bucket')])
  })

  test('a service is never called *', async () => {
    for (const { query } of asked.filter(({ what }) => what.startsWith('variable '))) {
      const values = await ask(query, everything)
      expect(values.map(({ value }) => value)).not.toContain('*')
    }
  })

  test('after a restart nothing of the former company is left', async () => {
    const program = served.again('same')
    await program.says('The points of the former demo company are removed.')
    program.child.kill('SIGKILL')
    await program.ended
    expect(await served.rows('SELECT count("id") FROM "dora_deployment"')).toEqual([])
  })
})

function queryOf(uid: string, title: string): string {
  return asked.find(({ dashboard, what }) => dashboard === uid && what === `panel ${title}, query A`)!.query
}

/** The rows of the newest instant, if it is of today or yesterday: of each other one, a report takes a while. */
function recent(rows: Row[]): Row[] {
  const last = rows.map(({ time }) => time as string).reduce((a, b) => (a > b ? a : b), '')
  return Date.parse(last) > Date.now() - 2 * day ? rows.filter(({ time }) => time === last) : []
}
