import { messageOf, Rejected } from '../core/errors.ts'
import { lineOf } from './line.ts'
import type { RejectedPoint, StoredPoint } from './loader.ts'

/** The server took the batch apart: some of its lines are not what they should be. */
export interface Refusal {
  /** What the server says; it may name several lines, each in a line of its own. */
  message: string
  /** InfluxDB 3 names lines by their number in the batch, from 1. */
  numbered: { line: number; reason: string }[]
}

/** Sends lines as one request. */
export type Send = (lines: readonly string[]) => Promise<'written' | Refusal>

interface Row {
  point: StoredPoint
  line: string
}

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
  const rows: Row[] = []
  for (const point of points) {
    try {
      rows.push({ point, line: lineOf(point) })
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      rejected.push({ point, reason: error.message })
    }
  }
  for (const batch of batchesOf(rows, limits)) rejected.push(...(await sendApart(batch, send)))
  return rejected
}

function* batchesOf(rows: readonly Row[], { lines, bytes }: BatchLimits): Generator<readonly Row[]> {
  let first = 0
  let size = 0
  for (const [index, { line }] of rows.entries()) {
    const added = Buffer.byteLength(line) + 1
    if (index > first && (index - first === lines || size + added > bytes)) {
      yield rows.slice(first, index)
      first = index
      size = 0
    }
    size += added
  }
  if (first < rows.length) yield rows.slice(first)
}

async function sendApart(rows: readonly Row[], send: Send): Promise<RejectedPoint[]> {
  if (rows.length === 0) return []
  const answer = await send(rows.map(({ line }) => line))
  if (answer === 'written') return []
  const named = namedIn(answer, rows)
  if (rows.length === 1 || droppedIn(answer) === rows.length) {
    const reason = oneLine(answer.message)
    return rows.map((row) => ({ point: row.point, reason: named.get(row) ?? reason }))
  }
  if (named.size > 0) {
    const rest = rows.filter((row) => !named.has(row))
    const rejected = [...named].map(([{ point }, reason]) => ({ point, reason }))
    return [...rejected, ...(await sendApart(rest, send))]
  }
  const [one, other] = partsOf(rows, answer)
  const first = await sendApart(one, send)
  return [...first, ...(await sendApart(other, send))]
}

/**
 * Two parts of a batch of which something was refused. Of what lies beyond the retention, the older half; of a conflict
 * that is said to be in one measurement, that measurement: so that soon a part is refused as a whole, which the server
 * tells by its count. Of what is written twice the order stays.
 */
function partsOf(rows: readonly Row[], { message }: Refusal): [Row[], Row[]] {
  const measurement = /\bon measurement "([^"]+)"/.exec(message)?.[1]
  if (measurement !== undefined) {
    const [of, others] = [true, false].map((isOf) =>
      rows.filter(({ point: { series } }) => series.startsWith(`${measurement},`) === isOf),
    ) as [Row[], Row[]]
    if (of.length > 0 && others.length > 0) return [of, others]
  }
  const ordered = /retention/.test(message) ? rows.toSorted((a, b) => a.point.at - b.point.at) : [...rows]
  const middle = Math.ceil(ordered.length / 2)
  return [ordered.slice(0, middle), ordered.slice(middle)]
}

/** How many lines were dropped, where the server counts (it then names none). */
function droppedIn({ message }: Refusal): number | undefined {
  const count = /\bdropped=(\d+)\s*$/.exec(message)?.[1]
  return count === undefined ? undefined : Number(count)
}

/** The rows that the server names, and why: by number, or as `unable to parse '<line>': <reason>`. */
function namedIn(refusal: Refusal, rows: readonly Row[]): Map<Row, string> {
  const named = new Map<Row, string>()
  for (const { line, reason } of refusal.numbered) {
    const row = rows[line - 1]
    if (row) named.set(row, reason)
  }
  const reasons = parseErrorsIn(refusal.message, new Set(rows.map(({ line }) => line)))
  for (const row of rows) {
    const reason = reasons.get(row.line)
    if (reason !== undefined) named.set(row, reason)
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
