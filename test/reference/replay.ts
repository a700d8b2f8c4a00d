import { changesOf, newlyShippedChanges, repairs, touches } from './changes.ts'
import { at, commitKey, type ChangeFact, type DeploymentFact, type IncidentFact } from './facts.ts'
import type { Note } from './rules.ts'
import { goesBack, sameContent } from './going-back.ts'
import { sample, takeSample, type Sampled } from './samples.ts'
import type { Settings } from './settings.ts'
import {
  changeKey,
  freshCommits,
  type Finding,
  type Graph,
  type Shipment,
  type Shipped,
  type ShippedChange,
} from './shipping.ts'

/** A finished production deployment with what was derived of it. */
export interface Story extends Sampled {
  deployment: DeploymentFact
  startedAt: number
  success: boolean
  isRollback: boolean
  isRework: boolean
  isRedeploy: boolean
  /** It deploys the commit (or version) that is live anyway. */
  deploysLive: boolean
  /** The remediations that mark it, in order. */
  markedBy: Story[]
  /** The incidents attributed to it. */
  incidents: IncidentFact[]
  changes: ShippedChange[]
  /** How its commits were found. */
  range: Shipment['found']
}

/** One service in one environment. */
export interface Entry {
  settings: Settings
  environment: string
  stories: Story[]
  /** What was merged in the service's repositories. */
  merged: ChangeFact[]
  shipped: Shipped
  findings: Finding[]
}

/** Replays the finished deployments of one service and environment, given in order. */
export function replay(
  settings: Settings,
  environment: string,
  deployments: DeploymentFact[],
  graph: Graph,
  merged: ChangeFact[],
  note: Note,
): Entry {
  const shipped: Shipped = { commits: new Map(), changes: new Map(), versions: new Map() }
  const entry: Entry = { settings, environment, stories: [], merged, shipped, findings: [] }
  const list = (kind: string, subject: string, detail: string) => {
    entry.findings.push({ kind, service: settings.name, environment, subject, detail })
  }

  for (const deployment of deployments) {
    // "The *live* commit is that of the latest successful deployment."
    const live = entry.stories.findLast((story) => story.success)?.deployment ?? null
    const success = deployment.outcome === 'success'
    const deploysLive = live !== null && sameContent(deployment, live, note)
    const inferred =
      success && !deploysLive && live !== null && goesBack(deployment, live, graph, shipped, note)
    const story: Story = {
      deployment,
      finishedAt: at(deployment.finishedAt ?? ''),
      startedAt: at(deployment.startedAt ?? deployment.finishedAt ?? ''),
      success,
      // "What a deployment says of itself (`isRollback`, `isRework`, each by itself) wins, `true` or `false`."
      isRollback: deployment.isRollback ?? inferred,
      isRework: false,
      isRedeploy: false,
      deploysLive,
      leadTimes: [],
      excludedBots: 0,
      markedBy: [],
      incidents: [],
      changes: [],
      range: 'nothing',
    }
    if (deployment.isRollback === true) note(inferred ? 'rollback: said and seen' : 'rollback: only said')
    if (deployment.isRollback === false && inferred) note('rollback: denied')

    // "a failed deployment ships nothing and its commits go out with the next success"
    const changes = success ? ship(story, entry, graph, list, note) : []
    story.changes = changes

    // "it is **rework** if it is a rollback, or ships changes and all of them are reverts … or carry a hotfix
    // label or branch"; "it is a *redeploy*, neither rollback nor rework, if its commit (or version) is the
    // live one, whatever its outcome."
    const allRepairs = changes.length > 0 && changes.every((change) => repairs(settings, change, note))
    if (allRepairs) note('rework: by what it ships')
    story.isRework = deployment.isRework ?? (story.isRollback || (allRepairs && !deploysLive))
    story.isRedeploy = deploysLive && !story.isRollback && !story.isRework
    if (deployment.isRework === true) note('rework: said')
    if (deployment.isRework === false && (story.isRollback || allRepairs)) note('rework: denied')
    if (story.isRedeploy) note(success ? 'redeploy' : 'redeploy: failed')
    if (story.isRollback && deployment.isRollback === undefined) note('rollback: seen')
    entry.stories.push(story)
  }
  return entry
}

/** Ships a successful deployment: samples into the story, what was shipped into the entry. */
function ship(
  story: Story,
  entry: Entry,
  graph: Graph,
  list: (kind: string, subject: string, detail: string) => void,
  note: Note,
): ShippedChange[] {
  const { settings, shipped } = entry
  const { deployment } = story
  const order = entry.stories.length
  const isFirst = !entry.stories.some((earlier) => earlier.success)
  const { found, fresh } = freshCommits(graph, deployment, isFirst, shipped, note)
  const pulls = newlyShippedChanges(graph, shipped, fresh, note)
  story.range = found

  const own = deployment.sha === undefined ? null : commitKey(deployment.repository, deployment.sha)
  for (const key of fresh) {
    shipped.commits.set(key, { deployment, order, beforeBaseline: isFirst && key !== own })
  }
  for (const change of pulls) {
    shipped.changes.set(changeKey(change), { deployment, order, beforeBaseline: isFirst })
  }
  if (deployment.version !== undefined && !shipped.versions.has(deployment.version)) {
    shipped.versions.set(deployment.version, order)
  }

  if (found === 'pushed' && deployment.firstCommitAt !== undefined) {
    takeSample(story, at(deployment.firstCommitAt), deployment.sha ?? deployment.id, list, note)
    return []
  }
  if (found === 'unresolved') list('baseline_unresolved', deployment.id, 'what it ships cannot be computed')
  if (found !== 'resolved') return []

  const touching = new Set([...fresh].filter((key) => touches(graph, settings, key, list, note)))
  const changes = changesOf(graph, settings, fresh, pulls, touching, note)
  for (const change of changes) sample(story, settings, change, list, note)
  return changes
}
