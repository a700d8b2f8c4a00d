import { describe, expect, test } from 'vitest'
import type { Rule as AlertRule } from '../../alerts/rule.ts'
import { step } from '../../alerts/state.ts'
import type { InstanceState, Verdict } from '../../alerts/state.ts'
import { trialSchema } from '../../alerts/verify-file.ts'
import { verify } from '../../alerts/verify.ts'
import { seeded } from '../alerts/seeded.ts'
import { findPromtool, promtool } from './promtool-rules.ts'
import type { Expected, Level, Rule } from './promtool-rules.ts'

const minute = 60_000
const file = findPromtool()
if (file === undefined)
  console.warn('No promtool on the PATH: alert states are not compared with Prometheus.')

test.skipIf(process.env.CI !== 'true')('promtool is there', () => {
  expect(file, 'install the package prometheus').toBeDefined()
})

/** To Prometheus a series that is not there is a condition that does not hold. */
const verdicts = new Map<Level, Verdict>([
  [undefined, { kind: 'clear' }],
  [0, { kind: 'clear' }],
  [1, { kind: 'between' }],
  [2, { kind: 'breach', severity: 'warning' }],
])

/** What the state machine makes of each minute, as Prometheus would write it: what recovers, fires. */
function statesOf({ levels, forMs, keepFiringForMs }: Rule): Expected[] {
  let before: InstanceState | undefined
  return levels.map((level, at) => {
    const timing = { forMs, keepFiringForMs, noData: 'keep', noDataForMs: 0, severity: 'warning' } as const
    before = step(before, verdicts.get(level)!, timing, at * minute).state
    const { state, activeSince } = before
    if (state === 'inactive') return undefined
    return { state: state === 'pending' ? 'pending' : 'firing', activeSince: activeSince! }
  })
}

/** The same as a file of rule tests, of which every minute expects nothing: what it finds, as Prometheus would write it. */
async function verifiedStatesOf({ levels, forMs, keepFiringForMs }: Rule): Promise<Expected[]> {
  const runs: { text: string; times: number }[] = []
  for (const level of levels) {
    const text = String(level ?? '_')
    if (runs.at(-1)?.text === text) runs.at(-1)!.times += 1
    else runs.push({ text, times: 1 })
  }
  const rule = {
    name: 'level',
    metric: 'openFailures',
    above: 1,
    clear: 0,
    for: `${forMs / minute}m`,
    keepFiringFor: `${keepFiringForMs / minute}m`,
    noData: 'ok',
  }
  const trial = trialSchema.parse({
    rules: [rule],
    interval: '1m',
    series: [
      {
        metric: 'openFailures',
        service: 'shop',
        values: runs.map(({ text, times }) => (times === 1 ? text : `${text}x${times}`)).join(' '),
      },
    ],
    tests: levels.map((_, at) => ({ at: `${at}m`, alerts: [] })),
  })
  const states: Expected[] = levels.map(() => undefined)
  for (const { atMs, unexpected } of await verify(trial, trial.rules as readonly AlertRule[])) {
    const at = atMs / minute
    // An alert lasts without a gap: it is active since the first minute of that.
    states[at] = { state: unexpected[0]!.state, activeSince: states[at - 1]?.activeSince ?? atMs }
  }
  return states
}

/** Series whose levels last a random while, in calm and in restless ones. */
function rulesOf(count: number, minutes: number, random: () => number): Rule[] {
  const upTo = (most: number) => Math.floor(random() * (most + 1))
  return Array.from({ length: count }, () => {
    const restless = 0.15 + 0.7 * random()
    const pick = (): Level => ([0, 1, 2, 2, undefined] as const)[upTo(4)]
    let level = pick()
    const levels = Array.from({ length: minutes }, () => (level = random() < restless ? pick() : level))
    return { levels, forMs: upTo(4) * minute, keepFiringForMs: upTo(5) * minute }
  })
}

describe.skipIf(file === undefined)('Prometheus', () => {
  const rules = rulesOf(300, 60, seeded(7))
  const expected = rules.map(statesOf)

  test('has the same alerts pending and firing at every minute, since the same instant', async () => {
    const states = expected.flat().map((one) => one?.state)
    for (const state of ['pending', 'firing', undefined])
      expect(states.filter((one) => one === state).length).toBeGreaterThan(1000)
    expect(await promtool(file!, rules, expected)).toMatch(/SUCCESS\s*$/)
  })

  test('finds in its own series the alerts that rule tests find in theirs', async () => {
    const verified = await Promise.all(rules.map(verifiedStatesOf))
    expect(verified.flat().filter((one) => one !== undefined).length).toBeGreaterThan(2000)
    expect(await promtool(file!, rules, verified)).toMatch(/SUCCESS\s*$/)
  })

  test('would find a minute that is wrong', async () => {
    const few = rules.filter((_, rule) => expected[rule]!.some((one) => one !== undefined)).slice(0, 3)
    const wrong = few.map(statesOf)
    const at = wrong[0]!.findIndex((one) => one !== undefined)
    wrong[0]![at] = undefined
    expect(await promtool(file!, few, wrong)).toMatch(new RegExp(`FAILED[^]*time: ${at}[ms]`))
  })
})
