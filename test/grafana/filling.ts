import type { Annotation, Dashboard, Panel, Target, Variable } from '../../grafana/model.ts'

/** The values of variables: one, or several of those that take more. */
export type Choices = Record<string, string | readonly string[]>

export interface Range {
  /** Epoch ms. */
  from: number
  to: number
}

/** A query of a dashboard, and what it is there for. */
export interface Asked {
  dashboard: string
  what: string
  query: string
  panel?: Panel
}

/** Every query of a dashboard: of its panels, annotations and variables. */
export function queriesOf({ uid, panels, annotations, templating }: Dashboard): Asked[] {
  const ofPanels = panels.flatMap((panel) =>
    panel.type === 'row'
      ? []
      : (panel as Panel).targets.map((target) => ({
          ...askedOf(uid, `panel ${panel.title}`, target),
          panel: panel as Panel,
        })),
  )
  const ofAnnotations = annotations.list.map((each: Annotation) =>
    askedOf(uid, `annotation ${each.name}`, each.target),
  )
  const ofVariables = templating.list
    .filter(({ type }: Variable) => type === 'query')
    .map(({ name, query }) => ({ dashboard: uid, what: `variable ${name}`, query: query as string }))
  return [...ofPanels, ...ofAnnotations, ...ofVariables]
}

function askedOf(dashboard: string, what: string, { refId, query }: Target): Asked {
  return { dashboard, what: `${what}, query ${refId}`, query }
}

/**
 * A query as Grafana sends it: the time range in ms, the interval, and variables as its InfluxDB data source writes
 * them: a value of one that takes several, or that stands in a regular expression, is escaped; several are joined.
 */
export function filled(query: string, choices: Choices, { from, to }: Range, interval = '1d'): string {
  const text = query
    .replaceAll('$timeFilter', `time >= ${from}ms and time <= ${to}ms`)
    .replaceAll('$__interval', interval)
    .replaceAll(/\$\{(\w+):regex\}|\$(\w+)/g, (whole, formatted?: string, plain?: string) => {
      const value = choices[(formatted ?? plain)!]
      if (value === undefined) throw new Error(`${query}: ${whole} is no variable of the dashboard`)
      if (value === '.*') return value
      return typeof value === 'string' ? escaped(value) : `(${value.map(escaped).join('|')})`
    })
  return text
}

function escaped(value: string): string {
  return value.replaceAll(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`)
}
