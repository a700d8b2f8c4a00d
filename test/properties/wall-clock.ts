/**
 * Local time by Intl.DateTimeFormat alone, to compare the calendar with. A zone's clock changes are searched by
 * bisection; between two of them local time runs as UTC does. Local times are epoch milliseconds of the same
 * digits in UTC.
 */

const hour = 3_600_000
const day = 24 * hour

/** Asking Intl is slow, and a zone is asked thousands of times. */
const formats = new Map<string, Intl.DateTimeFormat>()
const piecesOfYears = new Map<string, Piece[]>()

/** From an instant on, until the next piece, local time is ahead of UTC by an offset. */
interface Piece {
  from: number
  offset: number
}

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
      second: 'numeric',
    } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, hourCycle: 'h23', ...parts })
    formats.set(timezone, format)
  }
  // 3/8/2026, 02:30:00
  const [month, date, year, hours, minutes, seconds] = format.format(at).split(/\D+/).map(Number)
  const milliseconds = ((at % 1000) + 1000) % 1000
  return Date.UTC(year!, month! - 1, date, hours, minutes, seconds, milliseconds)
}

const offsetOf = (at: number, timezone: string): number => wallOf(at, timezone) - at

/** The instants in (from, to] at which the zone's clocks change. */
export function clockChanges(timezone: string, from: number, to: number): number[] {
  return piecesBetween(timezone, from, to)
    .slice(1)
    .map((piece) => piece.from)
}

function piecesBetween(timezone: string, from: number, to: number): Piece[] {
  const pieces: Piece[] = [{ from, offset: offsetOf(from, timezone) }]
  // No zone changes its clocks twice within five days.
  for (let earlier = from; earlier < to; earlier += 5 * day) {
    const later = Math.min(earlier + 5 * day, to)
    const offset = offsetOf(later, timezone)
    if (offset === pieces.at(-1)!.offset) continue
    pieces.push({ from: changeBetween(timezone, earlier, later), offset })
  }
  return pieces
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

/** The pieces of the year of a local time, and a little more. */
function piecesAround(wall: number, timezone: string): Piece[] {
  const year = new Date(wall).getUTCFullYear()
  const key = `${timezone} ${year}`
  let pieces = piecesOfYears.get(key)
  if (!pieces) {
    pieces = piecesBetween(timezone, Date.UTC(year, 0, 1) - 3 * day, Date.UTC(year + 1, 0, 1) + 3 * day)
    piecesOfYears.set(key, pieces)
  }
  return pieces
}

/** The instant of a local time: the earlier of two; one that does not exist moves on by the gap. */
export function instantOfWall(wall: number, timezone: string): number {
  const pieces = piecesAround(wall, timezone)
  for (const [position, { from, offset }] of pieces.entries()) {
    const next = pieces[position + 1]?.from ?? Infinity
    const at = wall - offset
    if (at >= next) continue
    // Before the piece begins: the clocks jumped over it, and the one before runs on.
    return at >= from ? at : wall - pieces[position - 1]!.offset
  }
  throw new Error(`no instant of ${new Date(wall).toISOString()} in ${timezone}`)
}

/** The first instant of a local day, the day given by its midnight as local time; undefined where a zone skipped it. */
export function dayStart(midnight: number, timezone: string): number | undefined {
  const at = instantOfWall(midnight, timezone)
  return wallOf(at, timezone) - midnight < day ? at : undefined
}

export const localMidnight = (wall: number): number => Math.floor(wall / day) * day

/** Whether a local day begins at an instant. */
export const isDayStart = (at: number, timezone: string): boolean =>
  instantOfWall(localMidnight(wallOf(at, timezone)), timezone) === at

/**
 * Where a window of so many calendar days begins: at the same wall-clock time, or with a day if it ends with one.
 * A day that the zone skipped is none of these days.
 */
export function windowStart(to: number, days: number, timezone: string): number {
  const wall = wallOf(to, timezone)
  if (!isDayStart(to, timezone)) return instantOfWall(wall - days * day, timezone)
  let midnight = localMidnight(wall)
  for (let left = days; left > 0;) {
    midnight -= day
    if (!isSkipped(midnight, timezone)) left -= 1
  }
  return instantOfWall(midnight, timezone)
}

/** Clocks that jumped from one midnight to the next left a day out. */
function isSkipped(midnight: number, timezone: string): boolean {
  const pieces = piecesAround(midnight, timezone)
  for (let next = 1; next < pieces.length; next += 1) {
    const { from, offset } = pieces[next]!
    if (from + pieces[next - 1]!.offset <= midnight && from + offset >= midnight + day) return true
  }
  return false
}
