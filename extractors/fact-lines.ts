import { createReadStream } from 'node:fs'
import { Rejected, messageOf } from '../core/errors.ts'
import type { Fact } from '../core/fact.ts'
import { parseFact } from '../core/fact-json.ts'
import type { Skipped } from './extractor.ts'

/** One line of a file of facts: a fact, or why it is none. */
export type FactLine = ({ fact: Fact } | { skipped: Skipped }) & {
  /** From 1. */
  line: number
  /** The byte behind it and its newline. */
  end: number
  /** The last line, without a newline: one that is still being written, unless it is a whole fact. */
  isCut?: true
}

const newline = 10

/**
 * Streams the facts of an NDJSON file, one a line; empty lines are passed over. `start` is where to go on:
 * a byte, and the number of newlines before it.
 * @throws the file system's error where the file cannot be read.
 */
export async function* readFacts(
  path: string,
  start: { byte: number; line: number } = { byte: 0, line: 0 },
): AsyncGenerator<FactLine> {
  let { line } = start
  let end = start.byte
  let rest: Buffer[] = []
  for await (const chunk of createReadStream(path, { start: start.byte, highWaterMark: 1 << 18 })) {
    const bytes = chunk as Buffer
    let from = 0
    for (let to = bytes.indexOf(newline); to >= 0; to = bytes.indexOf(newline, from)) {
      const part = bytes.subarray(from, to)
      const whole = rest.length === 0 ? part : Buffer.concat([...rest, part])
      rest = []
      from = to + 1
      line += 1
      end += whole.length + 1
      const read = readLine(whole.toString('utf8'), `${path}:${line}`)
      if (read !== undefined) yield { ...read, line, end }
    }
    if (from < bytes.length) rest.push(bytes.subarray(from))
  }
  const last = Buffer.concat(rest)
  if (last.length === 0) return
  const read = readLine(last.toString('utf8'), `${path}:${line + 1}`)
  if (read !== undefined) yield { ...read, line: line + 1, end: end + last.length, isCut: true }
}

function readLine(text: string, row: string): { fact: Fact } | { skipped: Skipped } | undefined {
  if (text.trim() === '') return undefined
  try {
    return { fact: parseFact(parsed(text)) }
  } catch (error) {
    if (!(error instanceof Rejected)) throw error
    return { skipped: { row, reason: messageOf(error) } }
  }
}

function parsed(text: string): unknown {
  try {
    // A byte order mark is what some editors begin a file with.
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text)
  } catch {
    // It goes to a terminal as it is.
    const start = text.trim().replaceAll(/\p{Cc}/gu, '?')
    throw new Rejected(`is no JSON: ${start.slice(0, 40)}${start.length > 40 ? '…' : ''}`)
  }
}
