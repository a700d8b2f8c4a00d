import { describe, expect, test } from 'vitest'
import { beforeSlots } from '../../alerts/compare.ts'
import type { History } from '../../alerts/history.ts'
import type { SlotPoints } from '../../alerts/observation.ts'
import { ruleSchema, type Rule } from '../../alerts/rule.ts'
import { calendarOf } from '../../core/calendar.ts'

/** Nine in the morning in Berlin, a week after the clocks went forward: days before had an hour less. */
const slot = Date.UTC(2026, 3, 5, 7)
const calendar = calendarOf('Europe/Berlin')
const subject = { service: 'shop', team: 'web', environment: 'production', detail: '' }

function ruleOf(rule: object): Rule {
  return ruleSchema.parse({ name: 'a', metric: 'leadTime', window: '7d', ...rule })
}

/** A window of the service with these fields. */
function points(window: string, fields: Record<string, number>, service = 'shop'): SlotPoints {
  const { team, environment } = subject
  const point = { tags: { service, team, environment, window }, number: (field: string) => fields[field] }
  return { of: (measurement) => (measurement === 'dora_window' ? [point] : []) }
}

const leadTimes = (seconds: number, n = 20) => ({ lead_time_p50_s: seconds, lead_time_n: n })
const utc = (at: number) => new Date(at).toISOString().slice(5, 16)

/** A history that has the same everywhere, and what is asked of it. */
function recorded(at: (index: number) => SlotPoints, samples = [1, 2, 3]) {
  const asked: string[] = []
  const history: History = {
    async at({ windowDays }, instant) {
      asked.push(`${windowDays}d to ${utc(instant)}`)
      return at(asked.length - 1)
    },
    async samples(_, { service }, from, to) {
      asked.push(`${service} from ${utc(from)} to ${utc(to)}`)
      return Float64Array.from(samples)
    },
  }
  return { asked, history }
}

describe('what is asked of the past', () => {
  test('the window that ended one before at midnight, and the samples of both where it is past', async () => {
    const { asked, history } = recorded(() => points('7d', leadTimes(100)))
    const rule = ruleOf({ comparedWith: 'previous', above: '150%' })
    const now = { slot, points: points('7d', leadTimes(151)), calendar }
    const before = await beforeSlots(history, [rule], now)
    expect(before(rule)!(subject)).toMatchObject({ observation: { value: 100 }, rise: expect.any(Number) })
    expect(asked).toEqual([
      '7d to 03-28T23:00',
      'shop from 03-21T23:00 to 03-28T23:00',
      'shop from 03-28T23:00 to 04-05T07:00',
    ])
  })

  test('no samples of what is not past, and of what has a test by its counts', async () => {
    const cases = [
      [{ comparedWith: 'previous', above: '150%' }, points('7d', leadTimes(149))],
      [
        { metric: 'changeFailRate', comparedWith: 'previous', above: '150%' },
        points('7d', { change_fail_rate: 0.9, n: 20, failed: 18 }),
      ],
    ] as const
    for (const [rule, now] of cases) {
      const { asked, history } = recorded(() =>
        points(
          '7d',
          { ...leadTimes(100), change_fail_rate: 0.1, n: 20, failed: 2 },
          now.of('dora_window')[0]!.tags['service'],
        ),
      )
      await beforeSlots(history, [ruleOf(rule)], { slot, points: now, calendar })
      expect(asked).toEqual(['7d to 03-28T23:00'])
    }
  })

  test('the days before the window, as they were at its beginning', async () => {
    const { asked, history } = recorded(() => points('90d', leadTimes(100)))
    const rule = ruleOf({ comparedWith: '90d', above: '150%' })
    const now = { slot, points: points('7d', leadTimes(151)), calendar }
    const before = await beforeSlots(history, [rule], now)
    expect(before(rule)!(subject)?.observation?.value).toBe(100)
    expect(asked).toEqual([
      '90d to 03-28T23:00',
      'shop from 12-28T23:00 to 03-28T23:00',
      'shop from 03-28T23:00 to 04-05T07:00',
    ])
  })

  test('windows one after the other, but none of too few', async () => {
    const { asked, history } = recorded((index) =>
      points('7d', leadTimes(100 * (index + 1), index < 7 ? 20 : 9)),
    )
    const rule = ruleOf({ comparedWith: '60d', above: '3sd' })
    const before = await beforeSlots(history, [rule], { slot, points: points('7d', leadTimes(1)), calendar })
    expect(asked).toEqual([
      '7d to 03-28T23:00',
      '7d to 03-21T23:00',
      '7d to 03-14T23:00',
      '7d to 03-07T23:00',
      '7d to 02-28T23:00',
      '7d to 02-21T23:00',
      '7d to 02-14T23:00',
      '7d to 02-07T23:00',
    ])
    const { spread } = before(rule)!(subject)!
    const logs = [1, 2, 3, 4, 5, 6, 7].map((each) => Math.log(100 * each))
    expect(spread).toMatchObject({ known: 7, isLog: true })
    expect(spread!.mean).toBeCloseTo(logs.reduce((sum, log) => sum + log, 0) / 7, 12)
  })

  test('the last deployments, where the window burns', async () => {
    const rule = ruleOf({ metric: 'changeFailRate', budget: '15%', above: '2x', alsoIn: '6h' })
    const failing = (failed: number) => points('7d', { change_fail_rate: failed / 100, n: 100, failed })
    const calm = recorded(() => points('7d', {}))
    await beforeSlots(calm.history, [rule], { slot, points: failing(27), calendar })
    expect(calm.asked).toEqual([])
    const { asked, history } = recorded(() => points('7d', {}), [1, 0, 0, 1, 1])
    const before = await beforeSlots(history, [rule], { slot, points: failing(28), calendar })
    expect(asked).toEqual(['shop from 04-05T01:00 to 04-05T07:00'])
    expect(before(rule)!(subject)).toEqual({ recent: { count: 3, n: 5 } })
  })

  test('nothing, of rules that need nothing', async () => {
    const { asked, history } = recorded(() => points('7d', {}))
    const rules = [ruleOf({ above: '1d' }), ruleOf({ metric: 'reworkRate', budget: '15%', above: '2x' })]
    const before = await beforeSlots(history, rules, { slot, points: points('7d', leadTimes(1e9)), calendar })
    expect(asked).toEqual([])
    expect(before(rules[0]!)).toBeUndefined()
  })
})
