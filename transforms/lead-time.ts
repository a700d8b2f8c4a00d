import type { ServiceSettings } from '../core/service.ts'
import { isoOf } from '../core/calendar.ts'
import type { Finding, FindingKind } from './finding.ts'
import { isBot, type PullRequest, type Repository } from './repository.ts'
import type { Rollout } from './rollout.ts'
import type { Shipped } from './shipping.ts'

/** Files of a change: XS is one or none, S up to 3, M up to 9, L more. */
export const sizeBuckets = ['XS', 'S', 'M', 'L'] as const
export type SizeBucket = (typeof sizeBuckets)[number]

/** One shipped change, with its lead time where it gives a sample. Durations in ms. */
export interface Sample {
  /** The change's id or the commit's sha; for a push without either the deployment's id. */
  id: string
  source: string
  /** When it was deployed. */
  at: number
  isBot: boolean
  /** Why it is no sample; undefined where it is one. */
  excluded: 'bot' | 'negative_lead_time' | 'first_commit_unknown' | undefined
  /** Known of a change by a bot that is left out, too, for bots may be asked for; and so are its phases. */
  leadTimeMs: number | undefined
  codingMs: number | undefined
  pickupMs: number | undefined
  reviewMs: number | undefined
  deployMs: number | undefined
  /** Ready for review (else opened) → approved (else merged); negative where a clock is wrong. */
  reviewTimeMs: number | undefined
  bucket: SizeBucket | undefined
  /** Of a commit of its own when it was committed. */
  mergedAt: number | undefined
  /** Lines. */
  size: number | undefined
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
  const sample = startOf(settings, rollout, shipped, repository)
  const { id, source, startedAt, isBot: byBot } = sample
  // What is left out is not examined either.
  const isExamined = !byBot || settings.bots.leadTime === 'included'
  const find = (kind: FindingKind, subject: string, detail: string) => {
    if (isExamined)
      findings.push({ kind, service: settings.name, environment: rollout.environment, subject, detail })
  }

  // With every field from the start: objects that grow cost more than those that do not.
  const told: Sample = {
    id,
    source,
    at: rollout.at,
    isBot: byBot,
    excluded: isExamined ? undefined : 'bot',
    leadTimeMs: undefined,
    codingMs: undefined,
    pickupMs: undefined,
    reviewMs: undefined,
    deployMs: undefined,
    reviewTimeMs: undefined,
    bucket: undefined,
    mergedAt: undefined,
    size: undefined,
    url: sample.url,
  }
  if (shipped.kind === 'change') tellChange(told, shipped.change)
  if (shipped.kind === 'commit') told.mergedAt = repository.committedAt[shipped.commit]!
  if (startedAt === undefined) {
    find(
      'first_commit_unknown',
      id,
      `deployed ${isoOf(rollout.at)}, but nothing says when its first commit was authored`,
    )
    told.excluded ??= 'first_commit_unknown'
    return { sample: told, findings }
  }
  if (rollout.at < startedAt) {
    find(
      'negative_lead_time',
      id,
      `begun ${isoOf(startedAt)}, deployed ${isoOf(rollout.at)} by ${rollout.id}`,
    )
    told.excluded ??= 'negative_lead_time'
    return { sample: told, findings }
  }
  told.leadTimeMs = rollout.at - startedAt
  if (shipped.kind === 'change') {
    const disorder = tellPhases(told, shipped.change, rollout.at)
    if (disorder.length > 0) find('phase_out_of_order', id, disorder.join('; '))
  }
  return { sample: told, findings }
}

function tellChange(told: Sample, change: PullRequest): void {
  told.mergedAt = change.mergedAt
  told.size = change.size
  told.bucket = bucketOf(change.changedFiles)
  const reviewFrom = change.readyAt ?? change.openedAt
  if (reviewFrom !== undefined) told.reviewTimeMs = (change.approvedAt ?? change.mergedAt) - reviewFrom
}

/** The bucket of a change of so many files; undefined where that is not known. */
export function bucketOf(files: number | undefined): SizeBucket | undefined {
  if (files === undefined) return undefined
  if (files <= 1) return 'XS'
  if (files <= 3) return 'S'
  return files <= 9 ? 'M' : 'L'
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

/** Sets the phases whose two ends are known; one that would end before it began counts 0 and is returned as text. */
function tellPhases(told: Sample, change: PullRequest, deployedAt: number): string[] {
  const { firstCommitAt, openedAt, readyAt, firstReviewAt, mergedAt } = change
  const disorder: string[] = []
  const span = (name: string, from: number | undefined, to: number | undefined): number | undefined => {
    if (from === undefined || to === undefined) return undefined
    if (to < from) disorder.push(`${name} ends ${isoOf(to)}, before its start ${isoOf(from)}`)
    return Math.max(0, to - from)
  }
  told.codingMs = span('coding', firstCommitAt, openedAt)
  told.pickupMs = span('pickup', readyAt ?? openedAt, firstReviewAt)
  told.reviewMs = span('review', firstReviewAt, mergedAt)
  told.deployMs = span('deploy', mergedAt, deployedAt)
  return disorder
}
