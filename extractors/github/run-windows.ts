import type { Skipped } from '../extractor.ts'
import type { Client } from './client.ts'
import type { About } from './failures.ts'
import { maybeWhole, member, nodesOf } from './fields.ts'
import type { Row } from './fields.ts'

/** GitHub gives at most so many rows of a filtered list, whatever the page. */
const mostRows = 1000

/** Rows of one part of the window; `until` is set on its last page: all that was created till then is read. */
export interface WindowPage {
  rows: Row[]
  skipped: Skipped[]
  until?: number
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

/**
 * Workflow runs that were created in [from, to], the oldest part first. A window of as many rows as GitHub
 * gives at most is halved, down to a second.
 */
export async function* windowPages(
  client: Client,
  list: string,
  from: number,
  to: number,
  about: About,
): AsyncGenerator<WindowPage> {
  const created = `${iso(from)}..${iso(to)}`
  const url = `${list}&created=${created}`
  let answer = await client.get(url, about)
  const total = maybeWhole(member(answer.data), 'total_count') ?? 0
  const skipped: Skipped[] = []
  if (total >= mostRows) {
    const half = Math.floor((from + to) / 2000) * 1000
    if (half >= from && half + 1000 <= to) {
      yield* windowPages(client, list, from, half, about)
      yield* windowPages(client, list, half + 1000, to, about)
      return
    }
    const row = `${about.repository ?? ''} runs created ${created}`
    skipped.push({ row, reason: `GitHub gives only ${mostRows} of ${total} runs of one second` })
  }
  while (true) {
    const rows = nodesOf(member(answer.data)?.['workflow_runs'])
    if (answer.next === undefined) {
      yield { rows, skipped, until: to }
      return
    }
    yield { rows, skipped: [] }
    answer = await client.get(`${url}&page=${answer.next}`, about)
  }
}
