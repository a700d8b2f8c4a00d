import { columns } from './columns.ts'
import type { Override, Panel } from './model.ts'
import { source, target, type Content, type Sized } from './panels.ts'

export interface Line {
  query: string
  /** Names the series, such as `$tag_service`; one that begins with `low bound` or `high bound` is drawn as such. */
  alias: string
}

const day = 86_400_000

export interface Chart extends Content {
  /** The field that is drawn, for its unit. */
  unit: string
  bars?: boolean
  /** A line ends where no value comes for so many days. */
  gapDays?: number
  /** The shortest $__interval. */
  interval?: string
}

/** Values over time. Where there is none, the line has a gap. */
export function timeseries(
  {
    title,
    description,
    width,
    height = 8,
    noValue = 'No sample',
    unit,
    bars = false,
    gapDays = 1.5,
    interval,
  }: Chart,
  lines: readonly Line[],
): Sized {
  const column = columns[unit]!
  const panel: Panel = {
    type: 'timeseries',
    title,
    description,
    datasource: source,
    targets: lines.map(({ query, alias }, index) => ({
      ...target(index, query, 'time_series'),
      alias,
    })),
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    fieldConfig: {
      defaults: {
        noValue,
        min: 0,
        ...(column.unit !== undefined && { unit: column.unit }),
        color: { mode: 'palette-classic-by-name' },
        custom: {
          drawStyle: bars ? 'bars' : 'line',
          lineInterpolation: 'linear',
          lineWidth: bars ? 0 : 2,
          fillOpacity: bars ? 80 : 0,
          showPoints: 'auto',
          spanNulls: false,
          insertNulls: bars ? false : gapDays * day,
          stacking: { mode: bars ? 'normal' : 'none', group: 'A' },
        },
      },
      overrides: [bounds],
    },
    ...(interval !== undefined && { interval }),
  }
  return { panel, width, height }
}

/** Series that are the bounds of another one. */
const bounds: Override = {
  matcher: { id: 'byRegexp', options: '/^(low|high) bound\\b/' },
  properties: [
    { id: 'custom.lineWidth', value: 1 },
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [4, 6] } },
    { id: 'custom.showPoints', value: 'never' },
  ],
}
