import type { Annotation, Dashboard, Link, PlacedPanel, RowPanel, Variable } from './model.ts'
import type { Sized } from './panels.ts'

const others = {
  'dorado-overview': 'Overview',
  'dorado-service': 'Service',
  'dorado-flow-and-ci': 'Flow and CI',
  'dorado-pipeline-health': 'Pipeline health',
}

/**
 * To the other dashboards, with the time range, the data source and the window. Not with all choices: several services
 * are nothing for the dashboard of one.
 */
function linksFrom(here: string, variables: readonly Variable[]): Link[] {
  const names = variables.map(({ name }) => name).filter((name) => ['datasource', 'window'].includes(name))
  const kept = names.map((name) => `\${${name}:queryparam}`).join('&')
  return Object.entries(others)
    .filter(([uid]) => uid !== here)
    .map(([uid, title]) => ({
      type: 'link',
      title,
      url: `/d/${uid}?${kept}`,
      icon: 'dashboard',
      tooltip: '',
      tags: [],
      asDropdown: false,
      targetBlank: false,
      includeVars: false,
      keepTime: true,
    }))
}

export interface Row {
  title: string
  panels: Sized[]
}

export interface Plan {
  uid: string
  title: string
  description: string
  /** The time range when it is opened, up to now. */
  from: string
  variables: Variable[]
  annotations?: Annotation[]
  rows: Row[]
}

/** A dashboard's JSON. Panels fill the grid from left to right, in rows with a title. */
export function dashboard({
  uid,
  title,
  description,
  from,
  variables,
  annotations = [],
  rows,
}: Plan): Dashboard {
  return {
    uid,
    title,
    description,
    tags: ['dorado'],
    schemaVersion: 42,
    editable: true,
    graphTooltip: 1,
    timezone: 'browser',
    time: { from, to: 'now' },
    refresh: '5m',
    links: linksFrom(uid, variables),
    templating: { list: variables },
    annotations: { list: annotations },
    panels: placed(rows),
  }
}

const gridWidth = 24

function placed(rows: readonly Row[]): (PlacedPanel | RowPanel)[] {
  const all: (PlacedPanel | RowPanel)[] = []
  let y = 0
  for (const { title, panels } of rows) {
    const gridPos = { x: 0, y, w: gridWidth, h: 1 }
    all.push({ type: 'row', id: all.length + 1, title, collapsed: false, panels: [], gridPos })
    y += 1
    let [x, tallest] = [0, 0]
    for (const { panel, width, height } of panels) {
      if (x + width > gridWidth) {
        y += tallest
        x = tallest = 0
      }
      all.push({ ...panel, id: all.length + 1, gridPos: { x, y, w: width, h: height } })
      x += width
      tallest = Math.max(tallest, height)
    }
    y += tallest
  }
  return all
}
