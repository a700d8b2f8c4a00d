import { Refused } from '../../core/errors.ts'
import type { HttpRequest } from '../../core/http.ts'
import type { Since } from '../extractor.ts'
import type { Client } from './client.ts'
import { findRow, whyNot } from './incident.ts'
import type { Run, Sheet } from './run.ts'
import { emptySheet, isEmpty } from './run.ts'
import type { Settings } from './settings.ts'

/** The incidents in scope, oldest first, but for the instants between which they were created. */
export function createdQuery(settings: Settings): NonNullable<HttpRequest['query']> {
  const { services, urgencies } = settings
  return { 'service_ids[]': services, 'urgencies[]': urgencies, sort_by: 'created_at:asc' }
}

/** So many incidents do not disappear in a day: rather the token sees less than it did. */
const suspicious = 5

/**
 * Nothing tells of deleted incidents: those stored and no longer listed are asked for, one by one. Listed
 * ones that are not stored are taken up. Throws Refused where nothing at all is listed any more.
 */
export async function* sweep(
  name: string,
  settings: Settings,
  client: Client,
  run: Run,
  since: Since,
  span: { from: number; to: number; isOtherScope: boolean },
): AsyncGenerator<Sheet> {
  const stored = new Set(await since.stored('incident', span.from))
  const listed = new Set<string>()
  for await (const rows of client.windows(
    '/incidents',
    'incidents',
    createdQuery(settings),
    span.from,
    span.to,
  )) {
    const sheet = emptySheet()
    for (const value of rows) {
      const row = findRow(value)
      if (row === undefined) continue
      listed.add(row.id)
      const isWanted = whyNot(row, settings) === undefined
      if (stored.has(row.id) !== isWanted) await run.take([value], sheet)
    }
    if (!isEmpty(sheet)) yield sheet
  }
  const gone = [...stored].filter((id) => !listed.has(id) && !run.has(id))
  if (!span.isOtherScope && listed.size === 0 && gone.length >= suspicious) {
    throw new Refused(
      `${name}: PagerDuty lists none of the ${gone.length} incidents stored of the last ${settings.sweepDays} days; ` +
        'the token may have lost access to their services. Nothing was removed',
    )
  }
  const sheet = emptySheet()
  for (const id of gone) await run.fetch(id, sheet)
  if (!isEmpty(sheet)) yield sheet
}
