import type { Io } from '../../core/io.ts'
import type { Page, Since, Usage } from '../extractor.ts'
import type { Client } from './client.ts'
import { createClient } from './client.ts'
import type { Cursor } from './cursor.ts'
import { readCursor } from './cursor.ts'
import { findRow, isObject, whyNot } from './incident.ts'
import type { Run, Sheet } from './run.ts'
import { createRun, emptySheet, isEmpty } from './run.ts'
import type { Settings } from './settings.ts'
import { scopeOf } from './settings.ts'
import { createdQuery, sweep } from './sweep.ts'

const dayMs = 86_400_000

/**
 * PagerDuty knows no "updated since", so a run reads, in this order: what was created since the last run, what
 * is open, what the log says has changed, what is stored as open and was not met yet, and once a day what
 * is stored and no longer listed. The log of the whole account tells first whether anything happened: with
 * nothing new it is the only request.
 */
export async function* extract(
  name: string,
  settings: Settings,
  since: Since,
  io: Io,
  usage: Usage,
): AsyncGenerator<Page> {
  const now = io.clock()
  const client = createClient(name, settings, io, usage)
  const overlapMs = settings.overlapHours * 3_600_000
  const scope = scopeOf(settings)
  const stored = readCursor(since.cursor)
  const last = stored?.scope === scope ? stored : undefined
  const run = createRun(name, settings, client, last?.seen ?? {}, now - overlapMs)

  // History from before what was ever asked for (another `since`), or all of it, has to be listed first.
  const isReaching = last === undefined || since.from < last.from
  const from = isReaching ? since.from : last.from
  let listedTo = isReaching ? from : last.listedTo
  let sweptAt = last?.sweptAt ?? now

  // The server's clock counts where it is behind ours: what it creates later is read by the next run.
  const startedAt = () => Math.min(now, client.servedAt ?? now)

  const changesFrom = (last?.changesTo ?? startedAt()) - overlapMs
  const isSweepDue = settings.sweepDays > 0 && now - sweptAt >= dayMs
  let log: unknown[] | undefined
  if (last?.isWhole && !isReaching && !isSweepDue) {
    log = await logOf(client, changesFrom, now)
    const entries = idsOf(log)
    if (entries.every((id) => last.entries.includes(id))) {
      const done = startedAt()
      yield { facts: [], cursor: written({ ...last, listedTo: done, changesTo: done, entries }) }
      return
    }
  }

  const listFrom = isReaching ? from : listedTo - overlapMs
  for await (const rows of client.windows('/incidents', 'incidents', createdQuery(settings), listFrom, now)) {
    const sheet = emptySheet()
    await run.take(rows, sheet)
    for (const row of rows) listedTo = Math.max(listedTo, createdAt(row))
    const changesTo = last?.changesTo ?? startedAt()
    const seen = { ...last?.seen, ...run.seen() }
    if (!isEmpty(sheet))
      yield {
        ...sheet,
        cursor: written({ scope, from, listedTo, changesTo, sweptAt, seen, entries: [], isWhole: false }),
      }
  }

  yield* openOnes(client, run, settings)
  log ??= await logOf(client, changesFrom, now)
  yield* changedOnes(log, run, settings)

  const missing = emptySheet()
  for (const fact of await since.open('incident')) {
    if (!run.has(fact.id)) await run.fetch(fact.id, missing)
  }
  if (!isEmpty(missing)) yield missing

  const isOtherScope = stored !== undefined && last === undefined
  if (isOtherScope || isSweepDue) {
    const sweepFrom = isOtherScope ? from : now - settings.sweepDays * dayMs
    yield* sweep(name, settings, client, run, since, { from: sweepFrom, to: now, isOtherScope })
    sweptAt = now
  }

  const done = startedAt()
  const at = { listedTo: done, changesTo: done, sweptAt }
  const cursor = written({ scope, from, ...at, seen: run.seen(), entries: idsOf(log), isWhole: true })
  yield { facts: [], cursor }
}

/** Whatever their age: they are asked for until they are resolved. */
async function* openOnes(client: Client, run: Run, settings: Settings): AsyncGenerator<Sheet> {
  const query = { ...createdQuery(settings), 'statuses[]': ['triggered', 'acknowledged'], date_range: 'all' }
  for await (const rows of client.pages('/incidents', 'incidents', query)) {
    const sheet = emptySheet()
    await run.take(rows, sheet)
    if (!isEmpty(sheet)) yield sheet
  }
}

/** Resolved, reopened, merged, of another urgency: what the log of the whole account says has changed. */
async function* changedOnes(log: readonly unknown[], run: Run, settings: Settings): AsyncGenerator<Sheet> {
  const sheet = emptySheet()
  for (const value of incidentsIn(log)) {
    // Undefined where the entry holds a reference only: then the incident is asked for.
    const row = findRow(value)
    if (row !== undefined) run.keep(row)
    if (run.has(value.id) || (row !== undefined && run.isKnown(row))) continue
    // An incident of a service that is not configured costs no request.
    const isOutside = row !== undefined && whyNot(row, settings)?.merged === false
    await (isOutside ? run.take([value], sheet) : run.fetch(value.id, sheet))
  }
  if (!isEmpty(sheet)) yield sheet
}

/** The log of the whole account: hours of it, or what came while Dorado was down. */
async function logOf(client: Client, from: number, to: number): Promise<unknown[]> {
  const query = { is_overview: true, 'include[]': ['incidents'] }
  const log: unknown[] = []
  for await (const rows of client.windows('/log_entries', 'log_entries', query, from, to)) log.push(...rows)
  return log
}

function idsOf(rows: readonly unknown[]): string[] {
  return rows.flatMap((row) => (isObject(row) && typeof row['id'] === 'string' ? [row['id']] : []))
}

function incidentsIn(entries: readonly unknown[]): { id: string }[] {
  const incidents = new Map<string, { id: string }>()
  for (const entry of entries) {
    const value = isObject(entry) ? entry['incident'] : undefined
    if (isObject(value) && typeof value['id'] === 'string')
      incidents.set(value['id'], { ...value, id: value['id'] })
  }
  return [...incidents.values()]
}

/** For the cursor; a row whose instant cannot be read moves it nowhere. */
function createdAt(value: unknown): number {
  const at = Date.parse(findRow(value)?.created_at ?? '')
  return Number.isNaN(at) ? 0 : at
}

function written(cursor: Cursor): string {
  return JSON.stringify(cursor)
}
