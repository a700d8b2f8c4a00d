import { teamProblem } from './label-clashes.ts'
import { metricOf } from './metrics.ts'
import type { Rule } from './rule.ts'
import { whereProblem, type Labelled } from './where.ts'

const dayMs = 86_400_000

/** What of the rest of the configuration a rule has to fit. */
export interface Windows {
  /** Where they are not given, nobody knows what a choice by labels chooses. */
  services?: readonly (Labelled & { team?: string | undefined })[]
  windowsDays: readonly number[]
  /** Since when anything counts, and now; epoch ms. Where either is not given, nothing is too short. */
  since?: number | null
  now?: number
}

/** What is wrong between a rule and the windows and services that are written; undefined where nothing is. */
export function clashOf(
  rule: Rule,
  { windowsDays, since, now, services }: Windows,
): { key: string; message: string } | undefined {
  const { name, metric, windowDays, comparison, where } = rule
  const unlabelled = services && whereProblem(where, services)
  if (unlabelled !== undefined) return { key: 'where', message: `${name}: ${unlabelled}` }
  const teamless = services && teamProblem(rule, services)
  if (teamless !== undefined) return { key: 'teams', message: `${name}: ${teamless}` }
  if (windowDays === undefined) return undefined
  const all = windowsDays.map((days) => `${days}d`).join(', ')
  if (!windowsDays.includes(windowDays))
    return { key: 'window', message: `${name}: window ${windowDays}d is none of windows (${all})` }
  const flowDays = windowsDays.includes(30) ? 30 : Math.max(...windowsDays)
  if (metricOf(metric).measurement === 'dora_flow' && windowDays !== flowDays)
    return {
      key: 'window',
      message: `${name}: ${metric} is written for one window only; write window: ${flowDays}d`,
    }
  if (comparison?.kind === 'baseline' && !windowsDays.includes(comparison.days))
    return {
      key: 'comparedWith',
      message: `${name}: comparedWith ${comparison.days}d is none of windows (${all})`,
    }
  if (since === undefined || since === null || now === undefined) return undefined
  const known = Math.floor((now - since) / dayMs)
  if (known >= windowDays) return undefined
  const fitting = windowsDays.filter((days) => days <= known)
  return {
    key: 'window',
    message:
      `${name}: window ${windowDays}d is longer than what is known since ${new Date(since).toISOString().slice(0, 10)}` +
      ` (${Math.max(0, known)}d); write an earlier since${fitting.length === 0 ? '' : `, or window: ${Math.max(...fitting)}d`}`,
  }
}
