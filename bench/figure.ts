/** One measured number, with what it is compared to in the same run. */
export interface Figure {
  name: string
  value: number
  unit: string
  baseline?: { name: string; value: number }
  /** What the ratio to the baseline, or where there is none the value, may be at most. */
  atMost?: number
  /** What the ratio has to be at least. */
  atLeast?: number
}

const columns = ['figure', 'value', 'baseline', 'ratio', 'target', ''] as const

/** What a figure is judged by: its ratio to the baseline, else itself. */
function judged({ value, baseline }: Figure): number {
  return baseline ? value / baseline.value : value
}

export function isOver(figure: Figure): boolean {
  const { atMost = Infinity, atLeast = -Infinity } = figure
  return judged(figure) > atMost || judged(figure) < atLeast
}

/** The figures as a table, a line each. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = [[...columns], ...figures.map(rowOf)]
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const padded = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')
  return rows.map((row) => padded(row).trimEnd()).join('\n')
}

function rowOf(figure: Figure): string[] {
  const { name, value, unit, baseline, atMost, atLeast } = figure
  const target = atMost === undefined ? (atLeast === undefined ? '' : `≥ ${atLeast}`) : `≤ ${atMost}`
  return [
    name,
    `${numberText(value)} ${unit}`,
    baseline ? `${numberText(baseline.value)} ${unit} (${baseline.name})` : '',
    baseline ? `${numberText(value / baseline.value)} ×` : '',
    target,
    target === '' ? '' : isOver(figure) ? 'OVER' : 'ok',
  ]
}

/** Three significant digits, thousands apart. */
function numberText(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}
