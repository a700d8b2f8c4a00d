import * as fc from 'fast-check'
import { histories } from '../reference/histories.ts'
import { arranged } from './arrangements.ts'
import { keyOf, type Line, type ProductConfig } from './line.ts'
import { arrangement } from './lives.ts'
import { ndjson } from './shown.ts'

/** A history in which every fact is told once, and the instant of the report. */
export interface Told {
  config: ProductConfig
  lines: Line[]
  at: number
}

/** Histories in all their arrangements; `adjust` may give them another configuration or other times. */
export function tellings(adjust: (told: Told) => Told = (told) => told): fc.Arbitrary<Told> {
  return fc.record({ history: histories(), arrangement }).map(({ history, arrangement: how }) => {
    const { config, lines } = arranged(history, how)
    const once = [...new Map(lines.map((line) => [keyOf(line), line])).values()]
    const told = adjust({ config, lines: once, at: Date.parse(history.asOf) })
    return { ...told, [fc.toStringMethod]: () => shownTold(told) }
  })
}

export function shownTold({ config, lines, at }: Told): string {
  return `\n== dorado.yaml: ${JSON.stringify(config)}\n== as of ${new Date(at).toISOString()}\n${ndjson(lines)}\n`
}
