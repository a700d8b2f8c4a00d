import type { Bases } from './github-shapes.ts'

export interface Answer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

export const notFound: Answer = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' },
}

export function ok(body: unknown): Answer {
  return { status: 200, body }
}

interface Paged {
  query: URLSearchParams
  bases: Bases
}

export function isFirstPage(query: URLSearchParams): boolean {
  return pageNumber(query) === 1
}

function pageNumber(query: URLSearchParams): number {
  return Math.max(Math.floor(Number(query.get('page') ?? 1)) || 1, 1)
}

/** One page of a list, with the links to the others. `whole` is for lists that know no pages. */
export function listPage<T>(
  { query, bases }: Paged,
  path: string,
  list: readonly T[],
  shape: (item: T) => unknown,
  { whole = false } = {},
): Answer {
  if (whole) return ok(list.map(shape))
  const asked = Math.floor(Number(query.get('per_page') ?? 30)) || 30
  const size = Math.min(Math.max(asked, 1), 100)
  const page = pageNumber(query)
  const last = Math.max(Math.ceil(list.length / size), 1)
  const link = linkHeader(`${bases.api}/${path}`, query, page, last)
  const body = list.slice((page - 1) * size, page * size).map(shape)
  return { status: 200, body, ...(link && { headers: { link } }) }
}

function linkHeader(url: string, query: URLSearchParams, page: number, last: number): string | undefined {
  const targets: [string, number][] = []
  if (page > 1) targets.push(['prev', Math.min(page - 1, last)])
  if (page < last) targets.push(['next', page + 1], ['last', last])
  if (page > 1) targets.push(['first', 1])
  if (targets.length === 0) return undefined
  return targets
    .map(([rel, number]) => {
      const params = new URLSearchParams(query)
      params.set('page', String(number))
      return `<${url}?${params.toString()}>; rel="${rel}"`
    })
    .join(', ')
}
