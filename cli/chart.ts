const blocks = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const mostRows = 5

/** A terminal's width, or what fits on any. */
export function chartWidth({ columns }: { columns?: number | undefined }): number {
  return columns === undefined || columns < 40 ? 80 : columns
}

/**
 * Whole numbers as columns of blocks above an axis, `width` letters wide at most: where there are more numbers than letters,
 * a column stands for `each` of them and is as high as the highest. The ends of the axis are labelled.
 */
export function chartOf(
  values: readonly number[],
  { width, each = 1, labels: [first, last] }: { width: number; each?: number; labels: [string, string] },
): string {
  const columns = grouped(values, each)
  const highest = Math.max(0, ...columns)
  const margin = String(highest).length
  const shown = columns.slice(-(width - margin - 2))
  const rows = Math.min(mostRows, highest)
  const lines = Array.from({ length: rows }, (_, line) => {
    const below = rows - 1 - line
    const bar = shown.map((value) =>
      blockAt((value / highest) * rows * 8 - below * 8, value > 0 && below === 0),
    )
    return `${(line === 0 ? String(highest) : '').padStart(margin)} │${bar.join('')}`.trimEnd()
  })
  const axis = `${'0'.padStart(margin)} └${'─'.repeat(shown.length)}`
  const rest = Math.max(1, shown.length - first.length - last.length)
  return [...lines, axis, `${' '.repeat(margin + 2)}${first}${' '.repeat(rest)}${last}`].join('\n')
}

/** How many numbers a column has to stand for, of sizes that make sense. */
export function eachOf(count: number, width: number, sizes: readonly number[]): number {
  return sizes.find((size) => Math.ceil(count / size) <= width) ?? sizes.at(-1)!
}

/** The last group is whole, for the end is what people look at. */
function grouped(values: readonly number[], each: number): number[] {
  const groups: number[] = []
  for (let end = values.length; end > 0; end -= each)
    groups.push(Math.max(...values.slice(Math.max(0, end - each), end)))
  return groups.toReversed()
}

/** A block with so many eighths; what is not nothing is seen. */
function blockAt(eighths: number, isSeen: boolean): string {
  const full = Math.max(isSeen ? 1 : 0, Math.min(8, Math.round(eighths)))
  return blocks[full]!
}
