import type { Calendar } from '../core/calendar.ts'
import { lowerBound } from '../core/statistics.ts'
import type { Timeline } from './timeline.ts'
import type { CountedEvents } from './counted-events.ts'
import { failed, rework, rollback, succeeded } from './window-events.ts'
import type { Span, WindowNumbers } from './windows.ts'

type Counts = Pick<
  WindowNumbers,
  'deployments' | 'successful' | 'failed' | 'rework' | 'rollbacks' | 'deploymentDays'
>

/** The deployments in each span of a series, over the pooled ones of all members. */
export function deploymentCounts(members: readonly CountedEvents[], line: Timeline, calendar: Calendar) {
  const flags = line.arrange(
    members.map(({ deploymentFlags }) => deploymentFlags),
    new Uint8Array(line.size),
  )
  const { dayOf, days } = denseDays(line.at, calendar)

  return (spans: readonly Span[]): ((span: number) => Counts) => {
    const move = line.sweep(spans)
    const onDay = new Int32Array(days)
    const count: Counts = {
      deployments: 0,
      successful: 0,
      failed: 0,
      rework: 0,
      rollbacks: 0,
      deploymentDays: 0,
    }
    function apply(event: number, by: 1 | -1): void {
      const flag = flags[event]!
      count.deployments += by
      if (flag & failed) count.failed += by
      if (flag & rework) count.rework += by
      if (flag & rollback) count.rollbacks += by
      if (!(flag & succeeded)) return
      count.successful += by
      const day = dayOf[event]!
      const before = onDay[day]!
      onDay[day] = before + by
      if (before === 0 || before + by === 0) count.deploymentDays += by
    }
    return (span) => {
      move(span, apply)
      return count
    }
  }
}

/** The local days of the times, numbered from 0: how many midnights there were since the earliest. */
function denseDays(at: Float64Array, calendar: Calendar): { dayOf: Int32Array; days: number } {
  let earliest = Infinity
  let latest = -Infinity
  for (const time of at) {
    if (time < earliest) earliest = time
    if (time > latest) latest = time
  }
  const midnights = at.length === 0 ? [] : calendar.midnights(earliest, latest)
  const dayOf = new Int32Array(at.length)
  let day = 0
  for (let event = 0; event < at.length; event += 1) {
    const time = at[event]!
    // Times mostly ascend: a step ahead finds the day, and only a time of an earlier day is searched for.
    if (day > 0 && time < midnights[day - 1]!) day = lowerBound(midnights, time + 1)
    while (day < midnights.length && midnights[day]! <= time) day += 1
    dayOf[event] = day
  }
  return { dayOf, days: midnights.length + 1 }
}
