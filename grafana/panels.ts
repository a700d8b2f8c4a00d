import type { Override, Panel, Target } from './model.ts'
import { override } from './override.ts'

/** A panel and how much of the grid it takes. */
export interface Sized {
  panel: Panel
  width: number
  height: number
}

export interface Content {
  title: string
  /** What it counts, and what it does not. */
  description: string
  width: number
  height?: number
  /** What stands in the panel where it finds nothing. */
  noValue?: string
}

export const source: Target['datasource'] = { type: 'influxdb', uid: '${datasource}' }
const text = { mode: 'absolute' as const, steps: [{ value: null, color: 'text' }] }

/** Values side by side with what they are called: the newest point of one series. */
export function stat(
  { title, description, width, height = 8, noValue = 'No sample' }: Content,
  query: string,
  fields: readonly string[],
): Sized {
  const panel: Panel = {
    type: 'stat',
    title,
    description,
    datasource: source,
    targets: [target(0, query, 'table')],
    options: {
      graphMode: 'none',
      colorMode: 'value',
      justifyMode: 'auto',
      textMode: 'value_and_name',
      wideLayout: true,
      showPercentChange: false,
      percentChangeColorMode: 'standard',
      orientation: 'horizontal',
      reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '/^(?!Time$)/' },
    },
    fieldConfig: {
      defaults: { noValue, color: { mode: 'thresholds' }, thresholds: text },
      overrides: fields.map((field) => override(field, 'stat')),
    },
  }
  return { panel, width, height }
}

export interface TableContent extends Content {
  /** Links of a column, beside those that columns.ts gives it. */
  links?: Record<string, { title: string; url: string }[]>
  /** The title of a column by which rows are sorted; from high to low where `desc`. */
  sortBy?: { displayName: string; desc?: boolean }
  /** Of events: their instant comes first. Otherwise it is that of the newest point, and comes last. */
  isOfEvents?: boolean
}

/** A row a series or event. Several queries are joined on the columns that they have in common. */
export function table(
  {
    title,
    description,
    width,
    height = 10,
    noValue = 'Nothing in this time range',
    links = {},
    sortBy,
    isOfEvents = false,
  }: TableContent,
  queries: readonly string[],
  fields: readonly string[],
): Sized {
  const order = isOfEvents ? ['Time', ...fields] : [...fields, 'Time']
  const indexByName = Object.fromEntries(order.map((field, index) => [field, index]))
  const instant = override('Time', 'table', isOfEvents ? 'At' : 'As of')
  const panel: Panel = {
    type: 'table',
    title,
    description,
    datasource: source,
    targets: queries.map((query, index) => target(index, query, 'table')),
    options: { frameIndex: 0, showHeader: true, cellHeight: 'sm', ...(sortBy && { sortBy: [sortBy] }) },
    fieldConfig: {
      defaults: {
        noValue,
        color: { mode: 'thresholds' },
        thresholds: text,
        custom: { filterable: true, minWidth: 80 },
      },
      overrides: [instant, ...fields.map((field) => withLinks(override(field, 'table'), links[field]))],
    },
    transformations: [
      ...(queries.length > 1 ? [{ id: 'merge', options: {} }] : []),
      { id: 'organize', options: { indexByName } },
    ],
  }
  return { panel, width, height }
}

function withLinks(
  { matcher, properties }: Override,
  links: { title: string; url: string }[] = [],
): Override {
  if (links.length === 0) return { matcher, properties }
  const known = properties.find(({ id }) => id === 'links')
  const rest = properties.filter((property) => property !== known)
  return {
    matcher,
    properties: [...rest, { id: 'links', value: [...((known?.value as []) ?? []), ...links] }],
  }
}

const refIds = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']

/** The queries of a panel get the letters from A on. */
export function target(index: number, query: string, resultFormat: Target['resultFormat']): Target {
  return { refId: refIds[index]!, datasource: source, rawQuery: true, query, resultFormat }
}
