/**
 * Local time by Intl.DateTimeFormat alone, to compare the calendar with. A zone's clock changes are searched by
 * bisection; between two of them local time runs as UTC does. Local times are epoch milliseconds of the same
 * digits in UTC.
 */

const hour = 3_600_000
const day = 24 * hour
const formats = new Map<string, Intl.DateTimeFormat>()

/** The local time that a clock in the zone shows. */
export function wallOf(at: number, timezone: string): number {
  let format = formats.get(timezone)
  if (!format) {
    const parts = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    } as const
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      ...parts,
      second: 'numeric',
    })
    formats.set(timezone, format)
  }
  // 3/8/2026, 02:30:00
  const [month, date, year, hours, minutes, seconds] = format.format(at).split(/\D+/).map(Number)
  const milliseconds = ((at % 1000) + 1000) % 1000
  return Date.UTC(year!, month! - 1, date, hours, minutes, seconds, milliseconds)
}

export const offsetOf = (at: number, timezone: string): number => wallOf(at, timezone) - at

/** The instants in (from, to] at which the zone's clocks change, those that `stepMs` does not step over. */
export function clockChanges(timezone: string, from: number, to: number, stepMs = 5 * day): number[] {
  const changes: number[] = []
  let earlier = from
  let before = offsetOf(from, timezone)
  while (earlier < to) {
    const later = Math.min(earlier + stepMs, to)
    const after = offsetOf(later, timezone)
    if (after !== before) changes.push(changeBetween(timezone, earlier, later))
    earlier = later
    before = after
  }
  return changes
}

/** By bisection: the first instant that has another offset than `low`. */
function changeBetween(timezone: string, low: number, high: number): number {
  const before = offsetOf(low, timezone)
  let [earlier, later] = [low, high]
  while (later - earlier > 1) {
    const middle = Math.floor((earlier + later) / 2)
    if (offsetOf(middle, timezone) === before) earlier = middle
    else later = middle
  }
  return later
}

/** The instant of a local time: the earlier of two; one that does not exist moves on by the gap. */
export function instantOfWall(wall: number, timezone: string): number {
  // Between the clock changes around it, local time runs as UTC does.
  const around = [wall - 2 * day, ...clockChanges(timezone, wall - 2 * day, wall + 2 * day, 6 * hour)]
  const offsets = around.map((at) => offsetOf(at, timezone))
  for (const offset of offsets) {
    if (wallOf(wall - offset, timezone) === wall) return wall - offset
  }
  // In a gap: the clock before the change runs on.
  const position = around.findLastIndex((at, index) => index > 0 && at + offsets[index - 1]! <= wall)
  return wall - offsets[position - 1]!
}

/** The first instant of a local day, the day given by its midnight as local time; undefined where a zone skipped it. */
export function dayStart(midnight: number, timezone: string): number | undefined {
  const at = instantOfWall(midnight, timezone)
  return wallOf(at, timezone) - midnight < day ? at : undefined
}

export const localMidnight = (wall: number): number => Math.floor(wall / day) * day

/** The instant that many calendar days before, at the same wall-clock time. */
export function sameTimeBefore(at: number, days: number, timezone: string): number {
  return instantOfWall(wallOf(at, timezone) - days * day, timezone)
}
