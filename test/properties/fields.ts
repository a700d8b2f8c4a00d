/** The fields of a point by name, from line protocol: values stay as they are written. */
export function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [, name, value] of text.matchAll(/([^=,]+)=("(?:[^"\\]|\\.)*"|[^,]*)(?:,|$)/g)) {
    fields.set(name!, value!)
  }
  return fields
}

/** The tags of a series, from line protocol. */
export function tagsOf(series: string): Record<string, string> {
  const [, ...pairs] = series.split(',')
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]))
}

export const measurementOf = (series: string): string => series.split(',', 1)[0]!

/** An integer field as a number; undefined where the point has none. */
export function countIn(fields: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = fields.get(name)
  return text === undefined ? undefined : Number(text.replace(/i$/, ''))
}
