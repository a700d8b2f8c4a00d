import { columns } from './columns.ts'
import type { Mapping, Override } from './model.ts'

/** Of the bands that the points tell; where they lie is not known here. */
const bandColors: Mapping = {
  type: 'value',
  options: {
    elite: { color: 'dark-green', index: 0 },
    high: { color: 'light-green', index: 1 },
    medium: { color: 'yellow', index: 2 },
    low: { color: 'red', index: 3 },
  },
}

const failColors = {
  mode: 'absolute',
  steps: [
    { value: null, color: 'text' },
    { value: 1, color: 'red' },
  ],
}

/** How a field is shown: in a table also the colour of its cell and its link. */
export function override(field: string, place: 'table' | 'stat', as?: string): Override {
  const column = columns[field]
  if (column === undefined) throw new Error(`${field}: not in grafana/columns.ts`)
  const { title, unit, decimals, kind } = column
  const properties: Override['properties'] = [{ id: 'displayName', value: as ?? title }]
  const add = (id: string, value: unknown) => properties.push({ id, value })
  if (place === 'table') add('noValue', '–')
  const paint = () =>
    place === 'table' && add('custom.cellOptions', { type: 'color-background', mode: 'basic' })
  if (unit !== undefined) add('unit', unit)
  if (decimals !== undefined) add('decimals', decimals)
  if (kind === 'band') {
    add('mappings', [bandColors])
    paint()
  }
  if (kind === 'fail') {
    add('color', { mode: 'thresholds' })
    add('thresholds', failColors)
    paint()
  }
  if (kind === 'hidden') add('custom.hidden', true)
  if (kind === 'link') add('links', [{ title: 'Open it', url: '${__data.fields.url}', targetBlank: true }])
  return { matcher: { id: 'byName', options: field }, properties }
}
