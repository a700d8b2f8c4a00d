import { Temporal } from 'temporal-polyfill'
import { iso } from './history-graph.ts'
import type { Script } from './history-script.ts'
import { chosen, type World } from './history-world.ts'

const hour = 3_600_000
const day = 24 * hour

/** The next local midnight. */
export function midnightAfter(now: number, timezone: string): number {
  const local = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timezone)
  return local.add({ days: 1 }).startOfDay().epochMilliseconds
}

/** The configured beginning; null: none is configured. */
export function sinceOf(world: World, script: Script): number | null {
  const begin = Date.parse(script.begin)
  if (script.since === null) return null
  if (script.since === 'long before') return begin - 100 * day
  if (script.since === 'in the middle') return Math.floor((begin + world.now) / 2)
  if (script.since === 'late') return world.now + hour
  return Date.parse(chosen(world.deployments, script.which)?.finishedAt ?? script.begin)
}

/** Local times which do not exist, or exist twice, so many days before. */
const gaps: Record<string, string[]> = {
  'America/New_York': ['2026-03-15T06:30:00Z', '2026-11-08T06:30:00Z'],
  'Australia/Lord_Howe': ['2026-04-11T15:15:00Z', '2026-10-10T15:15:00Z'],
  'Africa/Casablanca': ['2026-03-29T01:30:00Z', '2026-02-22T02:30:00Z'],
}

/** The instant of the report. */
export function asOfOf(world: World, script: Script): number {
  const finishedAt = Date.parse(chosen(world.deployments, script.which)?.finishedAt ?? iso(world.now))
  const begin = Date.parse(script.begin)
  switch (script.asOf) {
    case 'end':
      return world.now + 2 * day
    case 'week after a deployment':
      return finishedAt + 7 * day
    case 'month after a deployment':
      return finishedAt + 30 * day
    case 'at a deployment':
      return finishedAt
    case 'after a deployment':
      return finishedAt + 1
    case 'midnight':
      return midnightAfter(world.now, world.timezone)
    case 'in the middle':
      return Math.floor((begin + world.now) / 2)
    case 'no such local time':
      return Date.parse(chosen(gaps[world.timezone] ?? [], script.which) ?? iso(world.now + day))
    case 'before':
      return begin - day
  }
}
