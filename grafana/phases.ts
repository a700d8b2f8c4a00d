import { points } from './influxql.ts'
import type { Line } from './chart.ts'

/** Of the way of a change, in their order. */
export const phases = ['coding', 'pickup', 'review', 'deploy'] as const

/** The median of each phase over time. */
export function phaseLines({
  where,
  tags = [],
  alias,
}: {
  where: string
  tags?: readonly string[]
  alias: string
}): Line[] {
  return phases.map((phase) => ({
    query: points({
      from: 'dora_flow',
      where: `${where} AND "${phase}_n" > 0`,
      fields: [`${phase}_p50_s`],
      tags,
    }),
    alias: `${phase} ${alias}`.trim(),
  }))
}
