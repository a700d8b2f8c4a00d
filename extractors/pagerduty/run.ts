import { Rejected, messageOf } from '../../core/errors.ts'
import type { FactKey } from '../../core/fact.ts'
import type { Page } from '../extractor.ts'
import type { Client } from './client.ts'
import type { Row } from './incident.ts'
import { fingerprintOf, incidentOf, isObject, nameOfRow, readRow, whyNot } from './incident.ts'
import type { Settings } from './settings.ts'

/** Facts, removals and skipped rows of one page, filled row by row. */
export type Sheet = Required<Omit<Page, 'cursor'>>

export function emptySheet(): Sheet {
  return { facts: [], removals: [], skipped: [] }
}

export function isEmpty(sheet: Sheet): boolean {
  return sheet.facts.length + sheet.removals.length + sheet.skipped.length === 0
}

/** What one run has met: no incident is asked about twice, and none that looks as it did when it was stored. */
export interface Run {
  /** Adds what rows of the API mean to the sheet. Rows met before in this run are passed over. */
  take(values: readonly unknown[], sheet: Sheet): Promise<void>
  /** Asks for one incident by its id, and adds it, or its removal where it is gone. */
  fetch(id: string, sheet: Sheet): Promise<void>
  /** Whether this run has met it. */
  has(id: string): boolean
  /** The next run will meet it again, although it is neither open nor new. */
  keep(row: Row): void
  /** Looks as it did when it was last stored. */
  isKnown(row: Row): boolean
  /** For the cursor: what to recognize in the next run. */
  seen(): Record<string, string>
}

/** `known` are the fingerprints from the cursor, `horizon` is where the next run starts to read, in ms. */
export function createRun(
  name: string,
  settings: Settings,
  client: Client,
  known: Readonly<Record<string, string>>,
  horizon: number,
): Run {
  const met = new Set<string>()
  const seen: Record<string, string> = {}

  async function takeOne(value: unknown, sheet: Sheet): Promise<void> {
    const row = readRow(value)
    if (met.has(row.id)) return
    met.add(row.id)
    if (row.status !== 'resolved' || touchedAt(row) >= horizon) keep(row)
    if (isKnown(row)) return
    const no = whyNot(row, settings)
    if (no === undefined) {
      const { alerts, logEntries } = await detailsOf(row)
      sheet.facts.push(incidentOf(name, row, { alerts, logEntries }))
      return
    }
    sheet.removals.push(keyOf(row.id))
    if (no.merged) sheet.skipped.push({ row: nameOfRow(row), reason: no.reason })
  }

  async function detailsOf(row: Row): Promise<{ alerts: unknown[]; logEntries: unknown[] }> {
    const path = `/incidents/${encodeURIComponent(row.id)}`
    const hasAlerts = row.alert_counts?.all !== 0
    const earliest = { sort_by: 'created_at:asc', limit: 1 }
    const found = hasAlerts ? await client.find(`${path}/alerts`, earliest) : undefined
    const logEntries: unknown[] = []
    for await (const rows of client.pages(`${path}/log_entries`, 'log_entries', { is_overview: true })) {
      logEntries.push(...rows)
    }
    return { alerts: Array.isArray(found?.['alerts']) ? found['alerts'] : [], logEntries }
  }

  async function take(values: readonly unknown[], sheet: Sheet): Promise<void> {
    for (const value of values) {
      try {
        await takeOne(value, sheet)
      } catch (error) {
        if (!(error instanceof Rejected)) throw error
        forget(value)
        sheet.skipped.push({ row: nameOfRow(value), reason: messageOf(error) })
      }
    }
  }

  /** A row that gave no fact is said again in every run that meets it. */
  function forget(value: unknown): void {
    if (isObject(value) && typeof value['id'] === 'string') delete seen[value['id']]
  }

  async function fetch(id: string, sheet: Sheet): Promise<void> {
    const body = await client.find(`/incidents/${encodeURIComponent(id)}`)
    if (body !== undefined) return take([body['incident']], sheet)
    met.add(id)
    sheet.removals.push(keyOf(id))
  }

  function keep(row: Row): void {
    seen[row.id] = fingerprintOf(row)
  }

  function isKnown(row: Row): boolean {
    return known[row.id] === fingerprintOf(row)
  }

  function keyOf(id: string): FactKey {
    return { kind: 'incident', source: name, id }
  }

  return { take, fetch, has: (id) => met.has(id), keep, isKnown, seen: () => seen }
}

/** The latest instant in the row, for comparison only; an unreadable one counts as long ago. */
function touchedAt(row: Row): number {
  const instants = [row.created_at, row.updated_at, row.last_status_change_at].map((text) =>
    Date.parse(text ?? ''),
  )
  return Math.max(...instants.map((at) => (Number.isNaN(at) ? 0 : at)))
}
