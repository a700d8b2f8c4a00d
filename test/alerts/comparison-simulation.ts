import { judge, type Before } from '../../alerts/judge.ts'
import type { Observation } from '../../alerts/observation.ts'
import { ruleSchema, type Rule } from '../../alerts/rule.ts'
import { mannWhitney } from '../../alerts/significance.ts'
import { spreadOf } from '../../alerts/spread.ts'
import { percentileAmong } from '../../core/statistics.ts'
import { normal } from './significance-simulation.ts'

type Random = () => number

const subject = { service: 'shop', team: 'web', environment: 'production', detail: '' }
const windows = 12

export const ruleOf = (rule: object): Rule =>
  ruleSchema.parse({ name: 'a', minSamples: 5, window: '7d', ...rule })

function fires(rule: Rule, now: Omit<Observation, 'subject'>, before: Before): boolean {
  return judge(rule, { subject, ...now }, before).verdict.kind === 'breach'
}

/** In how many of `runs` it fired. */
function share(runs: number, once: () => boolean): number {
  let fired = 0
  for (let run = 0; run < runs; run += 1) fired += Number(once())
  return fired / runs
}

/** Lead times of `n` changes, log-normal with σ = 1.2 as everywhere here. */
function draw(n: number, factor: number, random: Random): Float64Array {
  return Float64Array.from({ length: n }, () => factor * Math.exp(1.2 * normal(random)))
}

const median = (values: Float64Array) => percentileAmong(values.slice(), values.length, 0.5)!

/** `n` changes that take `factor` times as long as those of so many windows before: at 150 % of before. */
export function baseline(
  n: number,
  factor: number,
  windowsBefore: number,
  runs: number,
  random: Random,
): number {
  const rule = ruleOf({ metric: 'leadTime', comparedWith: '90d', above: '150%' })
  return share(runs, () => {
    const before = draw(n * windowsBefore, 1, random)
    const now = draw(n, factor, random)
    const observation = { subject, value: median(before), n: before.length, count: undefined }
    return fires(
      rule,
      { value: median(now), n, count: undefined },
      { observation, rise: mannWhitney(now, before).z },
    )
  })
}

/** `n` changes a window that take `factor` times as long as in the twelve windows before. */
export function deviations(rule: Rule, n: number, factor: number, runs: number, random: Random): number {
  return share(runs, () => {
    const before = Array.from({ length: windows }, () => median(draw(n, 1, random)))
    const value = median(draw(n, factor, random))
    return fires(rule, { value, n, count: undefined }, { spread: spreadOf(before, 'duration') })
  })
}

/** One value beside `known` others, all of one log-normal distribution. */
export function alike(rule: Rule, known: number, runs: number, random: Random): number {
  return share(runs, () => {
    const before = Array.from({ length: known }, () => Math.exp(normal(random)))
    return fires(
      rule,
      { value: Math.exp(normal(random)), n: 20, count: undefined },
      { spread: spreadOf(before, 'duration') },
    )
  })
}

/** Whether a budget is said to burn by `failed` of `n` deployments, `lately` of the last `last` among them. */
export function burns(rule: Rule, failed: number, n: number, lately: number, last: number): boolean {
  return fires(rule, { value: failed / n, n, count: failed }, { recent: { count: lately, n: last } })
}

/** `n` deployments in seven days, each of which fails with probability `rate`; every seventh is of the last day. */
export function budget(rule: Rule, n: number, rate: number, runs: number, random: Random): number {
  const last = Math.max(1, Math.round(n / 7))
  return share(runs, () => {
    let failed = 0
    let lately = 0
    for (let one = 0; one < n; one += 1) {
      const fails = random() < rate
      failed += Number(fails)
      if (one < last) lately += Number(fails)
    }
    return burns(rule, failed, n, lately, last)
  })
}
