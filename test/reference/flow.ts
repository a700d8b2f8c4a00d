import { Temporal } from 'temporal-polyfill'
import { commitsOf, firstAuthored } from './changes.ts'
import { at, type ChangeFact, type DeploymentFact } from './facts.ts'
import { percentile, rate, type Rate } from './numbers.ts'
import type { Entry, Story } from './replay.ts'
import { isHotfix, matchesGlob, type BotMetric, type Settings } from './settings.ts'
import { changeKey, type Graph, type ShippedChange } from './shipping.ts'

export type Label = 'excluded' | 'included' | 'mixed'

interface Spread {
  n: number
  p50: number | null
  p90: number | null
}

interface Bots {
  bots: Label
  excludedBots: number
}

/** What a window tells of changes. */
export interface FlowReport {
  flow: Record<'coding' | 'pickup' | 'review' | 'deploy', Spread> & Bots
  reviewTime: Record<'XS' | 'S' | 'M' | 'L', Spread> & Bots
  deploymentSize: Spread & { empty: number; unknown: number } & Bots
  batchAge: Spread & Bots
  merged: {
    changes: number
    perWeek: number
    large: number
    largePerWeek: number
    weekend: number
    hotfixes: number
    hotfixesBots: Label
    labelled: number
    labelledBots: Label
  } & Bots
  labelledFailRate: Rate & { n: number; bots: Label }
}

/** A covered entry with its deployments of the window, and what was merged in the window's covered part. */
export interface FlowPart {
  entry: Entry
  stories: Story[]
  from: number
}

/** The merged changes of a service: of its repositories, and with paths those that touch them. */
export function mergedOf(settings: Settings, own: DeploymentFact[], graph: Graph): ChangeFact[] {
  const repositories = new Set([
    ...settings.repositories,
    ...own
      .filter(({ outcome }) => outcome === 'success' || outcome === 'failure')
      .map((deployment) => deployment.repository),
  ])
  return graph.changes.filter((change) => {
    if (!repositories.has(change.repository)) return false
    if (settings.paths === null) return true
    const globs = settings.paths
    return [...commitsOf(graph, change)].some((key) =>
      (graph.commits.get(key)?.paths ?? []).some((path) => globs.some((glob) => matchesGlob(glob, path))),
    )
  })
}

export function flowReport(
  parts: FlowPart[],
  window: { to: number; timezone: string },
  { days: coverageDays, pool }: { days: number; pool: Settings[] },
): FlowReport {
  const shipped = parts.flatMap(({ entry, stories }) =>
    stories.flatMap((story) => samplesOf(entry.settings, story)),
  )
  const label = (metric: BotMetric) => labelOf(metric, pool)
  const phases = (name: keyof Phases) =>
    seconds(
      shipped.flatMap(({ counts, phases: all }) => (counts('flow') && all[name] !== null ? [all[name]] : [])),
    )
  const reviews = (bucket: string) =>
    seconds(
      shipped.flatMap(({ counts, change }) => {
        if (!counts('reviewTime') || bucketOf(change) !== bucket) return []
        const time = at(change!.approvedAt ?? change!.mergedAt) - at(change!.readyAt ?? change!.openedAt)
        return time < 0 ? [] : [time]
      }),
    )
  const botsLeftOut = (metric: BotMetric) => ({
    bots: label(metric),
    excludedBots: parts
      .filter(({ entry }) => entry.settings.bots[metric] === 'excluded')
      .flatMap(({ stories }) => stories.flatMap((story) => story.changes))
      .filter(isBot).length,
  })

  const batches = parts.flatMap(({ entry, stories }) =>
    stories.filter(({ success }) => success).map((story) => batchOf(entry.settings, story)),
  )
  const sizes = batches.flatMap(({ size }) => (size === null || size === 0 ? [] : [size]))
  const merged = mergedIn(parts, window)
  return {
    flow: {
      coding: phases('coding'),
      pickup: phases('pickup'),
      review: phases('review'),
      deploy: phases('deploy'),
      ...botsLeftOut('flow'),
    },
    reviewTime: {
      XS: reviews('XS'),
      S: reviews('S'),
      M: reviews('M'),
      L: reviews('L'),
      ...botsLeftOut('reviewTime'),
    },
    deploymentSize: {
      ...spread(sizes),
      empty: batches.filter(({ size }) => size === 0).length,
      unknown: batches.filter(({ size }) => size === null).length,
      bots: label('deploymentSize'),
      excludedBots: batches.reduce((sum, { leftOutOfSize }) => sum + leftOutOfSize, 0),
    },
    batchAge: {
      ...seconds(batches.flatMap(({ age }) => (age === null ? [] : [age]))),
      bots: label('batchAge'),
      excludedBots: batches.reduce((sum, { leftOutOfAge }) => sum + leftOutOfAge, 0),
    },
    ...mergedReport(merged, coverageDays, label),
  }
}

export function labelOf(metric: BotMetric, pool: Settings[]): Label {
  const labels = new Set(pool.map(({ bots }) => bots[metric]))
  return labels.size > 1 ? 'mixed' : [...labels][0]!
}

interface Phases {
  coding: number | null
  pickup: number | null
  review: number | null
  deploy: number | null
}

/** The shipped changes that have a lead time, if bots do. */
function samplesOf(settings: Settings, story: Story) {
  return story.changes.flatMap((shipped) => {
    if (shipped.kind === 'unknown') return []
    const start = startOf(settings, shipped)
    if (start === null || start > story.finishedAt) return []
    const change = shipped.kind === 'change' ? shipped.change : undefined
    return [
      {
        change,
        phases: change ? phasesOf(change, story.finishedAt) : nothing,
        counts: (metric: BotMetric) => !isBot(shipped) || settings.bots[metric] === 'included',
      },
    ]
  })
}

const nothing: Phases = { coding: null, pickup: null, review: null, deploy: null }

function startOf({ leadTimeFrom }: Settings, shipped: Exclude<ShippedChange, { kind: 'unknown' }>) {
  if (shipped.kind === 'commit') {
    return at(leadTimeFrom === 'first-commit' ? shipped.commit.authoredAt : shipped.commit.committedAt)
  }
  if (leadTimeFrom === 'merge') return at(shipped.change.mergedAt)
  return leadTimeFrom === 'opened' ? at(shipped.change.openedAt) : firstAuthored(shipped.change)
}

function phasesOf(change: ChangeFact, deployedAt: number): Phases {
  const opened = at(change.openedAt)
  const reviewed = change.firstReviewAt === undefined ? null : at(change.firstReviewAt)
  const merged = at(change.mergedAt)
  const phase = (from: number | null, to: number | null) =>
    from === null || to === null ? null : Math.max(0, to - from)
  return {
    coding: phase(firstAuthored(change), opened),
    pickup: phase(change.readyAt === undefined ? opened : at(change.readyAt), reviewed),
    review: phase(reviewed, merged),
    deploy: phase(merged, deployedAt),
  }
}

function isBot(shipped: ShippedChange): boolean {
  if (shipped.kind === 'unknown') return false
  return shipped.kind === 'change' ? shipped.change.isBot : shipped.commit.isBot === true
}

function bucketOf(change: ChangeFact | undefined): string | null {
  if (change?.changedFiles === undefined) return null
  if (change.changedFiles < 2) return 'XS'
  if (change.changedFiles < 4) return 'S'
  return change.changedFiles < 10 ? 'M' : 'L'
}

function batchOf({ bots }: Settings, story: Story) {
  const isKnown =
    !['baseline', 'unresolved', 'pushed'].includes(story.range) &&
    story.deployment.sha !== undefined &&
    story.changes.every(({ kind }) => kind !== 'unknown')
  if (!isKnown) return { size: null, age: null, leftOutOfSize: 0, leftOutOfAge: 0 }
  const ofBots = story.changes.filter(isBot).length
  const old = story.changes
    .filter((shipped) => bots.batchAge === 'included' || !isBot(shipped))
    .flatMap((shipped) => {
      if (shipped.kind === 'unknown') return []
      return [at(shipped.kind === 'change' ? shipped.change.mergedAt : shipped.commit.committedAt)]
    })
  const age = old.length === 0 ? null : story.finishedAt - Math.min(...old)
  return {
    size: story.changes.length - (bots.deploymentSize === 'included' ? 0 : ofBots),
    age: age !== null && age < 0 ? null : age,
    leftOutOfSize: bots.deploymentSize === 'included' ? 0 : ofBots,
    leftOutOfAge: bots.batchAge === 'included' ? 0 : ofBots,
  }
}

/** "a pool counts a change of several services once": in what it counts in for any of them. */
function mergedIn(parts: FlowPart[], { to, timezone }: { to: number; timezone: string }) {
  const byKey = new Map<string, { change: ChangeFact; settings: Settings[] }>()
  for (const { entry, from } of parts) {
    for (const change of entry.merged) {
      if (at(change.mergedAt) < from || at(change.mergedAt) >= to) continue
      const found = byKey.get(changeKey(change)) ?? { change, settings: [] }
      found.settings.push(entry.settings)
      byKey.set(changeKey(change), found)
    }
  }
  return [...byKey.values()].map(({ change, settings }) => {
    const counts = (metric: BotMetric, holds: (one: Settings) => boolean = () => true) =>
      settings.some((one) => (!change.isBot || one.bots[metric] === 'included') && holds(one))
    const day = Temporal.Instant.from(change.mergedAt).toZonedDateTimeISO(timezone).dayOfWeek
    return {
      isMerged: counts('merged'),
      isLarge: counts('merged') && bucketOf(change) === 'L',
      isWeekend: counts('merged') && day >= 6,
      isHotfix: counts('hotfixes', (one) =>
        [...change.labels, ...(change.branch === undefined ? [] : [change.branch])].some((name) =>
          isHotfix(one, name),
        ),
      ),
      isOfRate: counts('labelledFailRate'),
      isLabelled: counts('labelledFailRate') && change.labels.includes('caused-incident'),
    }
  })
}

function mergedReport(
  merged: ReturnType<typeof mergedIn>,
  coverageDays: number,
  label: (metric: BotMetric) => Label,
): Pick<FlowReport, 'merged' | 'labelledFailRate'> {
  const count = (key: keyof (typeof merged)[number]) => merged.filter((one) => one[key]).length
  return {
    merged: {
      changes: count('isMerged'),
      perWeek: count('isMerged') / (coverageDays / 7),
      large: count('isLarge'),
      largePerWeek: count('isLarge') / (coverageDays / 7),
      weekend: count('isWeekend'),
      bots: label('merged'),
      excludedBots: merged.length - count('isMerged'),
      hotfixes: count('isHotfix'),
      hotfixesBots: label('hotfixes'),
      labelled: count('isLabelled'),
      labelledBots: label('labelledFailRate'),
    },
    labelledFailRate: {
      ...rate(count('isLabelled'), count('isOfRate')),
      n: count('isOfRate'),
      bots: label('labelledFailRate'),
    },
  }
}

function spread(samples: number[]): Spread {
  return { n: samples.length, p50: percentile(samples, 0.5), p90: percentile(samples, 0.9) }
}

/** Milliseconds in, seconds out. */
function seconds(samples: number[]): Spread {
  return spread(samples.map((sample) => sample / 1000))
}
