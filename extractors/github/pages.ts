import { messageOf, Rejected, Unavailable } from '../../core/errors.ts'
import type { Fact } from '../../core/fact.ts'
import type { Page, Skipped } from '../extractor.ts'
import type { Client } from './client.ts'
import type { About } from './failures.ts'
import { maybeText, member, nodesOf } from './fields.ts'
import type { Row } from './fields.ts'

function said(errors: Row[]): string {
  return maybeText(errors[0], 'message')?.replaceAll(/\s+/g, ' ').slice(0, 200) ?? 'unknown error'
}

/** One page of a connection: its rows and the whole answer around it. */
export interface Slice {
  rows: Row[]
  data: Row
  skipped: Skipped[]
}

/**
 * The pages of the connection at `path`. An answer with errors is an incomplete page: it is asked for again
 * at half the size, down to one row; a single row that GitHub cannot give is skipped with GitHub's reason.
 */
export async function* slices(
  client: Client,
  query: { document: string; variables: Row; path: string[]; first: number; after?: string | undefined },
  about: About,
): AsyncGenerator<Slice> {
  let size = query.first
  let after: string | null = query.after ?? null
  while (true) {
    const variables = { ...query.variables, first: size, after }
    const { data, errors } = await client.graphql(query.document, variables, about)
    if (errors.length > 0 && size > 1) {
      size = Math.floor(size / 2)
      continue
    }
    const connection = member(data, ...query.path)
    const info = member(connection, 'pageInfo')
    if (errors.length > 0 && !info)
      throw new Unavailable(
        `${about.repository ?? 'GitHub'}: GitHub could not answer a query: ${said(errors)}`,
      )
    if (!info) return
    const row = `${about.repository ?? ''} ${query.path.at(-1) ?? ''} after ${after ?? 'the start'}`
    const skipped = errors.length > 0 ? [{ row, reason: `GitHub could not give it: ${said(errors)}` }] : []
    yield { rows: errors.length > 0 ? [] : nodesOf(connection), data, skipped }
    if (info['hasNextPage'] !== true) return
    const end = maybeText(info, 'endCursor') ?? null
    if (end === null || end === after)
      throw new Unavailable(`${about.repository ?? 'GitHub'}: GitHub's page has a next one but no new cursor`)
    after = end
    size = Math.min(query.first, size * 2)
  }
}

/**
 * The nodes of these ids in their order, asked for by 100 and halved on errors: null where GitHub has none
 * any more, undefined where it could not give one.
 */
export async function nodesById(
  client: Client,
  document: string,
  ids: string[],
  about: About,
): Promise<(Row | null | undefined)[]> {
  if (ids.length > 100) {
    const head = await nodesById(client, document, ids.slice(0, 100), about)
    return [...head, ...(await nodesById(client, document, ids.slice(100), about))]
  }
  if (ids.length === 0) return []
  const { data, errors } = await client.graphql(document, { ids }, about)
  const others = errors.filter((each) => each['type'] !== 'NOT_FOUND')
  if (others.length === 0) {
    const nodes: unknown[] = Array.isArray(data['nodes']) ? data['nodes'] : []
    return ids.map((_, at) => member(nodes[at]) ?? null)
  }
  if (ids.length === 1) return [undefined]
  const half = Math.ceil(ids.length / 2)
  const head = await nodesById(client, document, ids.slice(0, half), about)
  return [...head, ...(await nodesById(client, document, ids.slice(half), about))]
}

/** Maps each row; one that gives no fact is skipped with its reason and stops nothing. */
export function mapped<F extends Fact>(
  rows: Row[],
  repository: string,
  map: (row: Row) => F | undefined,
): { facts: F[]; skipped: Skipped[] } {
  const facts: F[] = []
  const skipped: Skipped[] = []
  for (const row of rows) {
    try {
      const fact = map(row)
      if (fact) facts.push(fact)
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      skipped.push({ row: nameOf(row, repository), reason: messageOf(error) })
    }
  }
  return { facts, skipped }
}

function nameOf(row: Row, repository: string): string {
  const name = [
    row['html_url'],
    row['url'],
    row['databaseId'],
    row['number'],
    row['oid'],
    row['id'],
    row['sha'],
  ].find((each) => typeof each === 'string' || typeof each === 'number')
  return typeof name === 'string' && name.startsWith('http')
    ? name
    : `${repository} ${name ?? 'without an id'}`
}

/** A page, without the lists that would be empty. */
export function pageOf(facts: Fact[], skipped: Skipped[] = []): Page {
  return skipped.length === 0 ? { facts } : { facts, skipped }
}
