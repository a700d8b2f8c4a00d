import { readFileSync } from 'node:fs'
import type { Fact, FactKey } from '../../core/fact.ts'
import { formatFact, parseFact } from '../../core/fact-json.ts'
import { createHttpClient } from '../../core/http-client.ts'
import type { Io, Logger } from '../../core/io.ts'
import type { Extractor, Page, Since, Skipped } from '../../extractors/extractor.ts'
import type { Received, Reply } from '../core/loopback.ts'
import { instantOf, isOpen } from '../../store/scope.ts'

/**
 * What a source puts into `test/fixtures/<kind>/` to run through the contract suite:
 * - `contract.ts` exports this description as `contract`,
 * - `exchanges.json` is a list of exchanges in the vendor's wire format (or `answer` below makes them),
 * - `expected.ndjson` holds the facts that are stored after one run over them.
 */
export interface SourceContract {
  /** As written in the configuration; the source is named `pd`, `gh` or whatever expected.ndjson has. */
  settings: (baseUrl: string, token: string) => unknown
  /** History is wanted from here; ISO with Z. */
  from: string
  /** The clock during the run. */
  now: string
  /** Where answers are better made than listed in exchanges.json. */
  answer?: (request: Received) => Reply
  /** Breaks one row of one answer: which facts (by id) are missing then, and how the skipped row is called. */
  malformed: {
    breakRow: (request: Received, body: unknown) => void
    missing: string[]
    row: string
  }
}

/** Answers every request that has its method, path, body if given, and named query values; the first one counts. */
export interface Exchange {
  name: string
  request: { method: string; path: string; query?: Record<string, string | string[]>; body?: unknown }
  response: { status: number; headers?: Record<string, string>; body: unknown }
}

export function readFixture(kind: string, file: string): string {
  return readFileSync(new URL(`../fixtures/${kind}/${file}`, import.meta.url), 'utf8')
}

export function readExchanges(kind: string): Exchange[] {
  return JSON.parse(readFixture(kind, 'exchanges.json')) as Exchange[]
}

export function readExpected(kind: string): Fact[] {
  const lines = readFixture(kind, 'expected.ndjson').split('\n').filter(Boolean)
  return lines.map((line) => parseFact(JSON.parse(line)))
}

export function findExchange(request: Received, exchanges: readonly Exchange[]): Exchange | undefined {
  return exchanges.find(({ request: wanted }) => {
    if (wanted.method !== request.method || wanted.path !== request.path) return false
    if (wanted.body !== undefined && JSON.stringify(wanted.body) !== request.body) return false
    return Object.entries(wanted.query ?? {}).every(
      ([key, value]) => request.query.getAll(key).join('\n') === [value].flat().join('\n'),
    )
  })
}

/** An Io without waiting: what was slept and logged is kept. */
export function quietIo(now: number): Io & { waits: number[]; logged: string[] } {
  const waits: number[] = []
  const logged: string[] = []
  const note = (message: string, details?: object) =>
    logged.push(`${message} ${JSON.stringify(details ?? {})}`)
  const log: Logger = { debug: note, info: note, warn: note, error: note }
  const { signal } = new AbortController()
  const clock = () => now
  const sleep = (ms: number) => {
    waits.push(ms)
    return Promise.resolve()
  }
  const http = createHttpClient({ sleep, signal, userAgent: 'dorado/test', log, clock, random: () => 0.5 })
  return { http, clock, sleep, log, signal, waits, logged }
}

/** What the store does with pages, in memory. */
export interface Shelf {
  facts: Map<string, Fact>
  skipped: Skipped[]
  cursor: string | undefined
  put(page: Page): void
  since(from: number): Since
  /** As lines of NDJSON in the order of their keys. */
  lines(): string[]
}

export function createShelf(): Shelf {
  const facts = new Map<string, Fact>()
  const shelf: Shelf = {
    facts,
    skipped: [],
    cursor: undefined,
    put(page) {
      for (const fact of page.facts) facts.set(keyOf(fact), fact)
      for (const key of page.removals ?? []) facts.delete(keyOf(key))
      shelf.skipped.push(...(page.skipped ?? []))
      shelf.cursor = page.cursor ?? shelf.cursor
    },
    since: (from) => ({
      ...(shelf.cursor === undefined ? {} : { cursor: shelf.cursor }),
      from,
      open: async (kind) => [...facts.values()].filter((fact) => fact.kind === kind && isOpen(fact)),
      stored: async (kind, at) =>
        [...facts.values()].filter((fact) => fact.kind === kind && instantOf(fact) >= at).map(({ id }) => id),
    }),
    lines: () => sortedLines(facts.values()),
  }
  return shelf
}

function keyOf({ kind, source, id }: FactKey): string {
  return `${kind} ${source} ${id}`
}

export function sortedLines(facts: Iterable<Fact>): string[] {
  return [...facts].map(formatFact).sort()
}

/** Runs an extractor into the shelf; `pages` of them only where a crash is to be played. */
export async function runInto(
  shelf: Shelf,
  extractor: Extractor,
  io: Io,
  from: number,
  pages = Number.POSITIVE_INFINITY,
): Promise<number> {
  let count = 0
  for await (const page of extractor.extract(shelf.since(from), io)) {
    shelf.put(page)
    count += 1
    if (count >= pages) break
  }
  return count
}
