import { messageOf, Rejected } from '../core/errors.ts'
import { encodeTime } from '../core/line-protocol.ts'
import { bodyOf, lineOf } from './line.ts'
import type { RejectedPoint, StoredPoint } from './loader.ts'

/** The server took the batch apart: some of its lines are not what they should be. */
export interface Refusal {
  /** What the server says; it may name several lines, each in a line of its own. */
  message: string
  /** InfluxDB 3 names lines by their number in the batch, from 1. */
  numbered: { line: number; reason: string }[]
}

/** Sends lines as one request: one text, without a line break at its end. */
export type Send = (body: string) => Promise<'written' | Refusal>

/** What one request may hold. */
export interface BatchLimits {
  lines: number
  bytes: number
}

/**
 * Writes the points, in order, batch after batch; where the server refuses one, sets aside the points that it names
 * and sends the rest, or halves the batch until the offending points stand alone. Sending a line again is
 * harmless, and needed: a refused batch may have been written in part.
 */
export async function writeApart(
  points: readonly StoredPoint[],
  limits: BatchLimits,
  send: Send,
): Promise<RejectedPoint[]> {
  const rejected: RejectedPoint[] = []
  const writable = points.filter((point) => {
    const reason = unwritable(point)
    if (reason !== undefined) rejected.push({ point, reason })
    return reason === undefined
  })
  for (const batch of batchesOf(writable, limits)) rejected.push(...(await sendApart(batch, send)))
  return rejected
}

function unwritable({ at, nanos }: StoredPoint): string | undefined {
  try {
    encodeTime(at, nanos)
    return undefined
  } catch (error) {
    if (!(error instanceof Rejected)) throw error
    return error.message
  }
}

function* batchesOf(
  points: readonly StoredPoint[],
  { lines, bytes }: BatchLimits,
): Generator<readonly StoredPoint[]> {
  // No letter has more than three bytes: where all are far from the limit, none is measured.
  const isSmall = points.reduce((letters, point) => letters + mostLetters(point), 0) * 3 <= bytes
  let first = 0
  let size = 0
  for (const [index, point] of points.entries()) {
    const added = isSmall ? 0 : Buffer.byteLength(lineOf(point)) + 1
    if (index > first && (index - first === lines || size + added > bytes)) {
      yield points.slice(first, index)
      first = index
      size = 0
    }
    size += added
  }
  if (first < points.length) yield first === 0 ? points : points.slice(first)
}

/** What is added to the fields of a removed window is the longest; 22 for the instant. */
function mostLetters({ series, fields }: StoredPoint): number {
  return series.length + (fields?.length ?? 400) + 40
}

async function sendApart(points: readonly StoredPoint[], send: Send): Promise<RejectedPoint[]> {
  if (points.length === 0) return []
  const answer = await send(bodyOf(points))
  if (answer === 'written') return []
  const named = namedIn(answer, points)
  if (points.length === 1 || droppedIn(answer) === points.length) {
    const reason = oneLine(answer.message)
    return points.map((point) => ({ point, reason: named.get(point) ?? reason }))
  }
  if (named.size > 0) {
    const rest = points.filter((point) => !named.has(point))
    const rejected = [...named].map(([point, reason]) => ({ point, reason }))
    return [...rejected, ...(await sendApart(rest, send))]
  }
  const [one, other] = partsOf(points, answer)
  const first = await sendApart(one, send)
  return [...first, ...(await sendApart(other, send))]
}

/**
 * Two parts of a batch of which something was refused. Of what lies beyond the retention, the older half; of a conflict
 * that is said to be in one measurement, that measurement: so that soon a part is refused as a whole, which the server
 * tells by its count. Of what is written twice the order stays.
 */
function partsOf(points: readonly StoredPoint[], { message }: Refusal): [StoredPoint[], StoredPoint[]] {
  const measurement = /\bon measurement "([^"]+)"/.exec(message)?.[1]
  if (measurement !== undefined) {
    const isOf = ({ series }: StoredPoint) => series.startsWith(`${measurement},`)
    const of = points.filter(isOf)
    if (of.length > 0 && of.length < points.length) return [of, points.filter((point) => !isOf(point))]
  }
  const ordered = /retention/.test(message) ? points.toSorted((a, b) => a.at - b.at) : [...points]
  const middle = Math.ceil(ordered.length / 2)
  return [ordered.slice(0, middle), ordered.slice(middle)]
}

/** How many lines were dropped, where the server counts (it then names none). */
function droppedIn({ message }: Refusal): number | undefined {
  const count = /\bdropped=(\d+)(?: for database: \w* for retention policy: .*)?\s*$/.exec(message)?.[1]
  return count === undefined ? undefined : Number(count)
}

/** The points that the server names, and why: by number, or as `unable to parse '<line>': <reason>`. */
function namedIn(refusal: Refusal, points: readonly StoredPoint[]): Map<StoredPoint, string> {
  const named = new Map<StoredPoint, string>()
  for (const { line, reason } of refusal.numbered) {
    const point = points[line - 1]
    if (point) named.set(point, reason)
  }
  const lines = points.map(lineOf)
  const reasons = parseErrorsIn(refusal.message, new Set(lines))
  for (const [index, point] of points.entries()) {
    const reason = reasons.get(lines[index]!)
    if (reason !== undefined) named.set(point, reason)
  }
  return named
}

function parseErrorsIn(message: string, lines: ReadonlySet<string>): Map<string, string> {
  const reasons = new Map<string, string>()
  for (const part of message.split("unable to parse '").slice(1)) {
    // The line itself may contain what separates it from the reason.
    for (let end = part.indexOf("': "); end !== -1; end = part.indexOf("': ", end + 1)) {
      const line = part.slice(0, end)
      if (lines.has(line)) reasons.set(line, oneLine(part.slice(end + 3)))
    }
  }
  return reasons
}

function oneLine(text: string): string {
  const line = messageOf(text.trim()).replace(/\s*\bdropped=\d+$/, '')
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}
