import { GraphQLError } from 'graphql'

export interface PageArguments {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
}

/** Where an item stands in its list: an ascending number, and an id that tells equal ones apart. */
export interface Place {
  at: number
  id: number
}

/** An error as GitHub's GraphQL API tells it; `type` stands beside the message. */
export function apiError(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } })
}

/**
 * A page of a list in the form of a connection. The list is sorted by its places, downwards where
 * `isDescending`; cursors name a place, so that what is added or moved meanwhile displaces nothing.
 */
export function connection<T>(
  name: string,
  list: readonly T[],
  page: PageArguments,
  placeOf: (item: T, index: number) => Place,
  node: (item: T) => unknown,
  isDescending = false,
): object {
  checkSize(name, page)
  const sign = isDescending ? -1 : 1
  const after = page.after ? placeFrom(page.after) : undefined
  const before = page.before ? placeFrom(page.before) : undefined
  let from = after ? list.findIndex((item, index) => sign * order(placeOf(item, index), after) > 0) : 0
  if (from < 0) from = list.length
  let to = before
    ? list.findIndex((item, index) => sign * order(placeOf(item, index), before) >= 0)
    : list.length
  if (to < 0) to = list.length
  if (typeof page.first === 'number') to = Math.min(to, from + page.first)
  if (typeof page.last === 'number') from = Math.max(from, to - page.last)
  const items = list.slice(from, to)
  const cursors = items.map((item, index) => cursorOf(placeOf(item, from + index)))
  return {
    totalCount: list.length,
    pageInfo: {
      startCursor: cursors[0] ?? null,
      endCursor: cursors.at(-1) ?? null,
      hasNextPage: to < list.length,
      hasPreviousPage: from > 0,
    },
    nodes: () => items.map(node),
    edges: () => items.map((item, index) => ({ cursor: cursors[index], node: node(item) })),
  }
}

/** The place of things whose order in the list is all there is. */
export function byIndex(_item: unknown, index: number): Place {
  return { at: index, id: 0 }
}

function checkSize(name: string, { first, last }: PageArguments): void {
  const [argument, size] = typeof first === 'number' ? ['first', first] : ['last', last]
  if (typeof size !== 'number') {
    throw apiError(
      'MISSING_PAGINATION_BOUNDARIES',
      `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
    )
  }
  if (size > 100) {
    throw apiError(
      'EXCESSIVE_PAGINATION',
      `Requesting ${size} records on the \`${name}\` connection exceeds the \`${argument}\` limit of 100 records.`,
    )
  }
  if (size < 1)
    throw apiError(
      'ARGUMENT_LIMIT',
      `\`${argument}\` on the \`${name}\` connection must be between 1 and 100.`,
    )
}

function order(a: Place, b: Place): number {
  return a.at - b.at || a.id - b.id
}

function cursorOf({ at, id }: Place): string {
  return Buffer.from(`cursor:v2:${at}:${id}`).toString('base64')
}

function placeFrom(cursor: string): Place {
  const match = /^cursor:v2:(-?\d+):(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())
  if (!match)
    throw apiError('INVALID_CURSOR_ARGUMENTS', `\`${cursor}\` does not appear to be a valid cursor.`)
  return { at: Number(match[1]), id: Number(match[2]) }
}
