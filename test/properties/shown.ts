import * as fc from 'fast-check'
import type { FactKey } from '../../core/fact.ts'
import type { Moment } from './moments.ts'

/** Lines that `dorado import` reads. */
export function ndjson(facts: readonly object[]): string {
  return facts.map((fact) => JSON.stringify(fact)).join('\n')
}

/** A life so that it can be lived again by hand: for each refresh the configuration, and what was told before. */
export function shownLife({ moments }: { moments: readonly Moment[] }): string {
  return moments
    .map((moment, position) => {
      const { at, config, facts, removals, isNewProcess, diesAfter, lags } = moment
      const isOther = JSON.stringify(config) !== JSON.stringify(moments[position - 1]?.config)
      return [
        '',
        `== refresh ${position + 1} at ${new Date(at).toISOString()}${isNewProcess ? ', in a new process' : ''}`,
        ...(diesAfter === null ? [] : [`== after it died once, after ${diesAfter} writes`]),
        ...(lags.length === 0 ? [] : [`== sources behind, by service: ${JSON.stringify(lags)}`]),
        ...(isOther ? [`== dorado.yaml: ${JSON.stringify(config)}`] : []),
        ...removals.map(({ kind, source, id }: FactKey) => `== without ${kind} ${source} ${id}`),
        ndjson(facts),
      ].join('\n')
    })
    .join('\n')
}

/** A history that fast-check shows as a configuration and NDJSON. */
export function legible<H extends { config: object; asOf: string; facts: readonly object[] }>(history: H): H {
  const shown = () =>
    `\n== dorado.yaml: ${JSON.stringify(history.config)}\n== as of ${history.asOf}\n${ndjson(history.facts)}\n`
  return { ...history, [fc.toStringMethod]: shown }
}
