import type { ServiceSettings } from '../core/service.ts'
import { isoOf } from '../core/calendar.ts'
import type { Finding, FindingKind } from './finding.ts'
import { isBot, type PullRequest, type Repository } from './repository.ts'
import type { Rollout } from './rollout.ts'
import type { Shipped } from './shipping.ts'

/** One shipped change, with its lead time where it gives a sample. Durations in ms. */
export interface Sample {
  /** The change's id or the commit's sha; for a push without either the deployment's id. */
  id: string
  source: string
  /** When it was deployed. */
  at: number
  isBot: boolean
  /** Why it is no sample; absent where it is one. */
  excluded?: 'bot' | 'negative_lead_time' | 'first_commit_unknown'
  leadTimeMs?: number
  codingMs?: number
  pickupMs?: number
  reviewMs?: number
  deployMs?: number
  size?: number
  url: string
}

/** What can have a lead time. */
type KnownShipped = Exclude<Shipped, { kind: 'unknown' }>

/** The sample of a shipped change (metrics, "Lead time for changes"), with what is to be said of it. */
export function sampleOf(
  settings: ServiceSettings,
  rollout: Rollout,
  shipped: KnownShipped,
  repository: Repository,
): { sample: Sample; findings: Finding[] } {
  const findings: Finding[] = []
  const find = (kind: FindingKind, subject: string, detail: string) =>
    findings.push({ kind, service: settings.name, environment: rollout.environment, subject, detail })
  const sample = startOf(settings, rollout, shipped, repository)
  const { id, source, startedAt } = sample

  const told: Sample = { id, source, at: rollout.at, isBot: sample.isBot, url: sample.url }
  if (shipped.kind === 'change' && shipped.change.size !== undefined) told.size = shipped.change.size
  if (told.isBot && !settings.botsInLeadTime) return { sample: { ...told, excluded: 'bot' }, findings }
  if (startedAt === undefined) {
    find(
      'first_commit_unknown',
      id,
      `deployed ${isoOf(rollout.at)}, but nothing says when its first commit was authored`,
    )
    return { sample: { ...told, excluded: 'first_commit_unknown' }, findings }
  }
  if (rollout.at < startedAt) {
    find(
      'negative_lead_time',
      id,
      `begun ${isoOf(startedAt)}, deployed ${isoOf(rollout.at)} by ${rollout.id}`,
    )
    return { sample: { ...told, excluded: 'negative_lead_time' }, findings }
  }
  told.leadTimeMs = rollout.at - startedAt
  if (shipped.kind === 'change') {
    const { phases, disorder } = phasesOf(shipped.change, rollout.at)
    Object.assign(told, phases)
    if (disorder.length > 0) find('phase_out_of_order', id, disorder.join('; '))
  }
  return { sample: told, findings }
}

function startOf(
  { leadTimeFrom }: ServiceSettings,
  rollout: Rollout,
  shipped: KnownShipped,
  repository: Repository,
): { id: string; source: string; startedAt: number | undefined; isBot: boolean; url: string } {
  if (shipped.kind === 'pushed') {
    const { id, source, url, sha } = rollout
    return { id: sha ?? id, source, startedAt: shipped.firstCommitAt, isBot: false, url }
  }
  if (shipped.kind === 'commit') {
    const times = leadTimeFrom === 'first-commit' ? repository.authoredAt : repository.committedAt
    const { commit } = shipped
    const source = repository.sources[repository.sourceOf[commit]!]!
    const id = repository.shas[commit]!
    return { id, source, startedAt: times[commit], isBot: isBot(repository, commit), url: '' }
  }
  const { change } = shipped
  const startedAt = { 'first-commit': change.firstCommitAt, merge: change.mergedAt, opened: change.openedAt }
  const { id, source, url } = change
  return { id, source, startedAt: startedAt[leadTimeFrom], isBot: change.isBot, url }
}

type Phases = Pick<Sample, 'codingMs' | 'pickupMs' | 'reviewMs' | 'deployMs'>

/** Phases whose two ends are known; one that would end before it began counts 0 and is said. */
function phasesOf(change: PullRequest, deployedAt: number): { phases: Phases; disorder: string[] } {
  const { firstCommitAt, openedAt, readyAt, firstReviewAt, mergedAt } = change
  const phases: Phases = {}
  const disorder: string[] = []
  const span = (key: keyof Phases, name: string, from: number | undefined, to: number | undefined) => {
    if (from === undefined || to === undefined) return
    phases[key] = Math.max(0, to - from)
    if (to < from) disorder.push(`${name} ends ${isoOf(to)}, before its start ${isoOf(from)}`)
  }
  span('codingMs', 'coding', firstCommitAt, openedAt)
  span('pickupMs', 'pickup', readyAt ?? openedAt, firstReviewAt)
  span('reviewMs', 'review', firstReviewAt, mergedAt)
  span('deployMs', 'deploy', mergedAt, deployedAt)
  return { phases, disorder }
}
