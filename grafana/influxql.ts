/**
 * InfluxQL that 1.x, 2.x and 3.x have in common: one statement, one unqualified measurement, at most one subquery.
 * Grafana replaces $timeFilter and the variables.
 */

/** Which series of `dora_window` and its like: a sum over more than one level would count everything again. */
export const level = {
  service: `"service" != '*'`,
  team: `"service" = '*' AND "team" != '*'`,
  organisation: `"service" = '*' AND "team" = '*'`,
} as const

/** Those chosen with the variable of the same name. */
export function chosen(...tags: string[]): string {
  return tags.map((tag) => `"${tag}" =~ /^$${tag}$/`).join(' AND ')
}

export interface Selection {
  from: string
  where: string
  fields: readonly string[]
  /** What makes up a series; columns of a table. */
  tags?: readonly string[]
}

/**
 * The newest point of each series, if it fulfils `having`. An older one never stands in for it: `last` picks the
 * whole point by a field that every point has.
 */
export function newest({
  from,
  where,
  fields,
  tags = [],
  having = [],
  by = 'n',
}: Selection & { having?: readonly string[]; by?: string }): string {
  const conditions = having.length === 0 ? '' : ` WHERE ${having.join(' AND ')}`
  const needed = new Set([...fields, ...having.map((text) => text.split('"')[1]!)])
  needed.delete(by)
  const inner = [`last("${by}") AS "${by}"`, ...quoted([...needed])].join(', ')
  const groups = tags.length === 0 ? '' : ` GROUP BY ${quoted(tags).join(', ')}`
  const each = `SELECT ${inner} FROM "${from}" WHERE ${where} AND $timeFilter${groups}`
  return `SELECT ${quoted([...tags, ...fields]).join(', ')} FROM (${each})${conditions}`
}

/** All points in the time range, a series for each combination of the tags. */
export function points({ from, where, fields, tags = [] }: Selection): string {
  const groups = tags.length === 0 ? '' : ` GROUP BY ${quoted(tags).join(', ')}`
  return `SELECT ${quoted(fields).join(', ')} FROM "${from}" WHERE ${where} AND $timeFilter${groups}`
}

/** Events that are there, the latest first. */
export function events({ from, where, fields, tags = [] }: Selection, limit = 500): string {
  const columns = quoted([...tags, ...fields]).join(', ')
  const filter = `"deleted" = false AND ${where} AND $timeFilter`
  return `SELECT ${columns} FROM "${from}" WHERE ${filter} ORDER BY time DESC LIMIT ${limit}`
}

/** How many events there were in each interval. */
export function counts({ from, where }: Pick<Selection, 'from' | 'where'>): string {
  const filter = `"deleted" = false AND ${where} AND $timeFilter`
  return `SELECT count("id") FROM "${from}" WHERE ${filter} GROUP BY time($__interval) fill(none)`
}

/** The values of a tag, to choose from: never the `*` of a level. */
export function tagValues(from: string, tag: string, where?: string): string {
  const also = where === undefined ? '' : ` AND ${where}`
  return `SHOW TAG VALUES FROM "${from}" WITH KEY = "${tag}" WHERE "${tag}" != '*'${also}`
}

function quoted(names: readonly string[]): string[] {
  return names.map((name) => `"${name}"`)
}
