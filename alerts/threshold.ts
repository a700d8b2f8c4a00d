import { bandsOf, type Band, type BandMetric, type Edition } from '../core/bands.ts'
import { Rejected } from '../core/errors.ts'
import { metricOf, type MetricName } from './metrics.ts'
import { parseQuantity } from './quantity.ts'

/**
 * What a threshold is written in: the metric's own unit, the name of a band, a share of what the number is compared
 * with, standard deviations of it, or multiples of a budget.
 */
export type Scale = 'value' | 'band' | 'share' | 'deviations' | 'multiple'

/** A band that has an edge on its far side: what is past medium is low. */
export type Edge = Exclude<Band, 'low'>

export interface Threshold {
  /** In its scale; of a band the edge, in the unit of the points. */
  value: number
  scale: Scale
  edge?: Edge
}

/** What a threshold is of, and what it may be written in. */
export interface Asked {
  metric: MetricName
  aggregate: string
  per: 'service' | 'team' | 'organization'
  direction: 'above' | 'below'
  scales: readonly Scale[]
}

/** Of the edges as they are read; those of the configured edition are put in later. */
const anyEdition: Edition = '2023'

/** A threshold as it is written. Throws Rejected where it is of another scale, with what is right. */
export function readThreshold(text: string | number, asked: Asked): Threshold {
  const written = String(text).trim()
  const { scales, metric } = asked
  if (scales.includes('band') && /^(?:elite|high|medium|low)$/.test(written)) return bandOf(written, asked)
  for (const scale of ['share', 'deviations', 'multiple'] as const) {
    const [, number] = forms[scale].exec(written) ?? []
    if (scales.includes(scale) && number !== undefined)
      return { value: scale === 'share' ? Number(number) / 100 : Number(number), scale }
  }
  if (scales.includes('value'))
    return { value: parseQuantity(written, metricOf(metric).unit), scale: 'value' }
  throw new Rejected(
    scales.includes('multiple')
      ? `${written} is no multiple of the budget; write 2x`
      : `${written} is no share of what was before; write 150% or ${scales.includes('deviations') ? '3sd' : '50%'}`,
  )
}

const forms = {
  share: /^(\d+(?:\.\d+)?)\s*%$/,
  deviations: /^(\d+(?:\.\d+)?)\s*sd$/,
  multiple: /^(\d+(?:\.\d+)?)\s*x$/,
}

function bandOf(name: string, { metric, aggregate, per, direction }: Asked): Threshold {
  if (name === 'low') throw new Rejected('low has no edge: what is past medium is low; write medium')
  if (!hasBands(metric)) throw new Rejected(`${metric} has no bands; write a quantity`)
  if (metric === 'deploymentFrequency' && per !== 'service')
    throw new Rejected('deploymentFrequency has no bands above the service; write a quantity')
  if (aggregate === 'p90' || aggregate === 'p95')
    throw new Rejected(`bands are of the p50, not of the ${aggregate}; write a quantity`)
  const worse = bandsOf(anyEdition)[metric].comparison === '>=' ? 'below' : 'above'
  if (direction !== worse) throw new Rejected(`what is ${direction} ${name} is good; write ${worse}: ${name}`)
  const edge = name as Edge
  return { value: edgeOf(metric, edge, anyEdition), scale: 'band', edge }
}

function hasBands(metric: MetricName): metric is BandMetric & MetricName {
  return Object.hasOwn(bandsOf(anyEdition), metric)
}

/** The last value that is still in a band, in the unit of the points: what is past it is in another. */
export function edgeOf(metric: MetricName, edge: Edge, edition: Edition): number {
  const grading = bandsOf(edition)[metric as BandMetric]
  // Less than a day is what is elite: a day itself is past it, so the edge lies a little before.
  return grading.comparison === '<' ? grading[edge] * (1 - Number.EPSILON) : grading[edge]
}
