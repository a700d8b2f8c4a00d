import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dashboards, jsonOf } from '../../grafana/dashboards.ts'
import type { Panel, PlacedPanel } from '../../grafana/model.ts'
import { queriesOf } from './filling.ts'

/** The types of Grafana's SDK check the shape; what they cannot say is said here. */

const folder = join(import.meta.dirname, '..', '..', 'grafana', 'dashboards')
const all = Object.values(dashboards)

test('the committed files are what the TypeScript generates: npm run -s dashboards writes them', () => {
  const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])
  const generated = Object.entries(dashboards).map(([name, plan]) => [`${name}.json`, jsonOf(plan)])
  expect(Object.fromEntries(files)).toEqual(Object.fromEntries(generated))
})

test('each has a uid and a title of its own', () => {
  expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length)
  expect(new Set(all.map(({ title }) => title)).size).toBe(all.length)
})

describe.each(all)('$title', ({ panels, templating, annotations, ...dashboard }) => {
  const shown = panels.filter(({ type }) => type !== 'row') as (PlacedPanel & Panel)[]
  const asked = queriesOf({ panels, templating, annotations, ...dashboard })

  test('panels have their own id and place', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const taken = new Set<string>()
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos!
      expect(x + w, title).toBeLessThanOrEqual(24)
      for (let column = x; column < x + w; column += 1)
        for (let line = y; line < y + h; line += 1) {
          expect(taken, title).not.toContain(`${column} ${line}`)
          taken.add(`${column} ${line}`)
        }
    }
  })

  test('panels say what they count, and have gaps where there is nothing', () => {
    for (const { title, description, fieldConfig, targets, type } of shown) {
      expect(description.length, title).toBeGreaterThan(20)
      expect(fieldConfig.defaults.noValue, title).not.toBe('')
      if (type === 'timeseries')
        expect(fieldConfig.defaults.custom, title).toMatchObject({ spanNulls: false })
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length)
    }
  })

  test('everything is asked of the chosen data source', () => {
    const source = { type: 'influxdb', uid: '${datasource}' }
    for (const { datasource, targets } of shown)
      expect([datasource, ...targets.map((target) => target.datasource)]).toEqual(
        Array.from({ length: targets.length + 1 }, () => source),
      )
    for (const { datasource, target } of annotations.list)
      expect([datasource, target.datasource]).toEqual([source, source])
    for (const { type, datasource } of templating.list)
      if (type === 'query') expect(datasource).toEqual(source)
  })

  test('only variables that it has are used, by later ones those before', () => {
    const names = templating.list.map(({ name }) => name)
    for (const { what, query } of asked) {
      const known = what.startsWith('variable ') ? names.slice(0, names.indexOf(what.slice(9))) : names
      const used = [...query.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!)
      const given = ['timeFilter', '__interval', ...known]
      expect(
        used.filter((name) => !given.includes(name)),
        query,
      ).toEqual([])
    }
  })

  test('links lead to dashboards that there are', () => {
    const uids = all.map(({ uid }) => uid)
    expect(dashboard.links).toHaveLength(all.length - 1)
    for (const [, uid] of JSON.stringify([shown, dashboard.links]).matchAll(/"\/d\/([\w-]+)\?/g))
      expect(uids).toContain(uid)
  })
})

describe('queries', () => {
  const asked = all.flatMap(queriesOf)
  const selects = asked.filter(({ query }) => query.startsWith('SELECT'))
  const of = (...measurements: string[]) =>
    selects.filter(({ query }) => measurements.some((name) => query.includes(`FROM "${name}"`)))

  test('keep to what 1.x, 2.x and 3.x understand', () => {
    for (const { query } of asked) {
      expect(query).toMatch(/^SELECT |^SHOW TAG VALUES FROM "\w+" WITH KEY = "\w+" WHERE /)
      expect(query).not.toMatch(/;|SLIMIT|SOFFSET|\bON\b|"\."|fill\((?!none)/)
      expect([...query.matchAll(/SELECT/g)].length, query).toBeLessThanOrEqual(2)
    }
  })

  test('choose from values that are no level', () => {
    for (const { query } of asked.filter(({ query: text }) => text.startsWith('SHOW'))) {
      const [, tag] = /WITH KEY = "(\w+)"/.exec(query)!
      expect(query).toContain(`"${tag}" != '*'`)
    }
  })

  test('of windows leave out those without a sample of what they show', () => {
    for (const { query, what } of of('dora_window', 'dora_flow', 'dora_ci', 'dora_flaky')) {
      const filters = [...query.matchAll(/"(\w+)" > 0/g)].map(([, name]) => name!)
      if (what.startsWith('panel Nothing deployed')) expect(query).toMatch(/WHERE "n" = 0$/)
      else expect(filters, query).toHaveLength(1)
      for (const [, value] of query.matchAll(/"(\w+?)(?:_p[59]0(?:_s)?|_band)"/g)) {
        const counted = ['deployment_frequency', 'change_fail_rate'].includes(value!) ? 'n' : `${value}_n`
        expect(filters, query).toContain(counted)
      }
      if (query.includes('"labelled_fail_rate"')) expect(filters).toEqual(['labelled_fail_rate_n'])
    }
  })

  test('of events leave out deleted ones', () => {
    const events = of('dora_deployment', 'dora_change', 'dora_incident', 'dora_state', 'dora_quality')
    for (const { query } of events) expect(query).toContain('"deleted" = false')
  })

  test('select one level, and never a sum of several', () => {
    for (const { query } of of('dora_window', 'dora_flow', 'dora_ci', 'dora_state', 'dora_quality')) {
      expect(query).toMatch(
        /WHERE ("service" (!= '\*'|= '\*' AND "team" (!= '\*'|= '\*'))|"service" =~ \/\^\$service\$\/)/,
      )
      expect(query).not.toMatch(/\b(sum|mean)\(/)
    }
  })
})
