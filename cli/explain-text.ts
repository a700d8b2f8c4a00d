import Table from 'cli-table3'
import type { Evidence } from '../transforms/evidence.ts'
import type { ExplainedMetric } from '../transforms/explain.ts'
import { duration, percent } from './table.ts'

export interface Explanation {
  service: string
  environment: string
  metric: ExplainedMetric
  window: { days: number; from: string; to: string; coverageDays: number | null }
  value: unknown
  formula: string
  evidence: Evidence[]
  leftOut: Evidence[]
}

/** An explanation as a person reads it: the value, the formula, what counts, and what was left out. */
export function explanationText(explanation: Explanation): string {
  const { service, environment, metric, window, value, formula, evidence, leftOut } = explanation
  const covered =
    window.coverageDays === null ? 'not covered' : `${Number(window.coverageDays.toFixed(2))} days covered`
  const lines = [
    `${metric} of ${service} (${environment}), ${window.days}d from ${window.from} to ${window.to}, ${covered}`,
    `= ${shown(value, metric)}`,
    formula,
  ]
  const counted = evidence.length === 0 ? 'Nothing counts in this window.' : tableOf(evidence)
  return [...lines, counted, ...(leftOut.length === 0 ? [] : ['Left out:', tableOf(leftOut)])].join('\n')
}

interface Parts {
  value?: number | null
  low?: number | null
  high?: number | null
  n?: number
  p50?: number | null
  p90?: number | null
  open?: number
  started?: number
  attributed?: number
  bots?: string
  excludedBots?: number
  empty?: number
  unknown?: number
}

function shown(value: unknown, metric: ExplainedMetric): string {
  if (value === null || value === undefined) return 'no value'
  if (typeof value === 'number') return numberText(value, metric)
  const parts = value as Parts
  return `${partsText(parts, metric)}${botsText(parts)}`
}

function numberText(value: number, metric: ExplainedMetric): string {
  if (metric === 'sinceLastDeployment' || metric === 'oldestOpenFailure') return duration(value)
  return metric === 'openFailures' || metric === 'failureStreak'
    ? `${value}`
    : `${Number(value.toFixed(4))} per day`
}

function partsText(parts: Parts, metric: ExplainedMetric): string {
  if ('value' in parts) {
    const interval =
      parts.value === null ? '' : ` (95 %: ${percent(parts.low ?? null)} to ${percent(parts.high ?? null)})`
    return `${percent(parts.value ?? null)}${interval}`
  }
  if ('started' in parts) return `${parts.started} started, ${parts.attributed} attributed to a deployment`
  if (metric === 'reviewTime') {
    const buckets = Object.entries(parts as Record<string, Parts>).filter(
      ([, each]) => typeof each === 'object',
    )
    return buckets
      .map(([bucket, each]) => `${bucket} p50 ${duration(each.p50 ?? null)} (n ${each.n})`)
      .join(', ')
  }
  if (metric === 'deploymentSize') {
    const size = (count: number | null | undefined) =>
      typeof count === 'number' ? `${Number(count.toFixed(1))}` : '–'
    return `p50 ${size(parts.p50)} changes, p90 ${size(parts.p90)} (n ${parts.n}, ${parts.empty} empty, ${parts.unknown} unknown)`
  }
  if (parts.n === undefined) {
    return Object.entries(parts)
      .filter(([key]) => !/bots$/i.test(key))
      .map(([key, count]) => `${key} ${typeof count === 'number' ? Number(count.toFixed(2)) : '–'}`)
      .join(', ')
  }
  const open = parts.open === undefined ? '' : `, ${parts.open} open`
  return `p50 ${duration(parts.p50 ?? null)}, p90 ${duration(parts.p90 ?? null)} (n ${parts.n}${open})`
}

function botsText({ bots, excludedBots }: Parts): string {
  if (bots === undefined) return ''
  const count = excludedBots === undefined || excludedBots === 0 ? '' : `: ${excludedBots} left out`
  return `; bots ${bots}${count}`
}

function tableOf(evidence: readonly Evidence[]): string {
  const table = new Table({
    head: ['At', 'Kind', 'Id', 'Time', 'Rule', 'Link'],
    style: { head: [], border: [], compact: true },
  })
  for (const { at, kind, id, seconds, rule, url } of evidence) {
    table.push([at, kind, id, seconds === undefined ? '' : duration(seconds), rule, url ?? ''])
  }
  return table.toString()
}
