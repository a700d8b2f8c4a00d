import { at, compareText, type IncidentFact } from './facts.ts'
import type { Note } from './rules.ts'
import type { Entry, Story } from './replay.ts'
import { duration, isProduction, type Settings } from './settings.ts'
import { changeKey, type Finding, type Graph } from './shipping.ts'

/** An incident with the entries that it concerns and the deployments it failed. */
export interface Attributed {
  incident: IncidentFact
  concerned: Entry[]
  rule: 'caused_by' | 'not_deployment' | 'nearest' | 'unattributed'
  failed: Story[]
}

/** The services that an incident names, each once. */
export function namedServices(incident: IncidentFact): string[] {
  return [...new Set([incident.service, ...(incident.services ?? [])])]
}

/** The entries of one service that an incident concerns. */
function concernedEntries(incident: IncidentFact, entries: Entry[], note: Note): Entry[] {
  const first = entries[0]
  if (first === undefined || incident.environment === undefined) return entries
  // "one in an environment that is no production counts nowhere"
  if (!isProduction(first.settings, incident.environment)) {
    note('incident: in no production')
    return []
  }
  // "One without an environment concerns every production environment of its service …, and so does one in a
  // production environment that the service was never deployed to"
  const own = entries.filter(
    (entry) => entry.environment === incident.environment && entry.stories.length > 0,
  )
  if (own.length === 0) note('incident: in a production never deployed to')
  return own.length === 0 ? entries : own
}

/** Attributes an incident; the deployments it failed are told so. */
export function attribute(
  incident: IncidentFact,
  entries: Entry[],
  settings: Settings[],
  graph: Graph,
  findings: Finding[],
  note: Note,
): Attributed {
  const named = namedServices(incident)
  const concerned = named.flatMap((name) =>
    concernedEntries(
      incident,
      entries.filter((entry) => entry.settings.name === name),
      note,
    ),
  )
  if (named.length > 1) note('incident: names several services')
  if (concerned.length > 1) note('incident: concerns several entries')
  // What nobody configured and nobody deploys is no service of the report.
  const counts = (name: string) => {
    const known = settings.find((service) => service.name === name)
    if (known === undefined) return false
    return incident.environment === undefined || isProduction(known, incident.environment)
  }
  const list = (kind: string, detail: string) => {
    for (const service of named.filter(counts)) findings.push({ kind, service, subject: incident.id, detail })
  }
  if (incident.resolvedAt !== undefined && at(incident.resolvedAt) < at(incident.startedAt)) {
    note('incident: resolved before it began')
    list('negative_recovery', 'it was resolved before it began')
  }

  const failed: Story[] = []
  const done = (rule: Attributed['rule']): Attributed => {
    for (const story of failed) story.incidents.push(incident)
    return { incident, concerned, rule, failed }
  }

  // 1. "`causedBy` names a deployment, a commit or a version: that deployment … Where several are given, the
  // next is tried when one matches nothing." Each service looks for them on its own.
  const causes = statedCauses(incident, graph, note)
  if (causes.length > 0) {
    const found = named.map((name) => {
      const isOwn = (entry: Entry) => entry.settings.name === name
      return causedIn(causes, entries.filter(isOwn), concerned.filter(isOwn), note)
    })
    for (const stories of found) failed.push(...(stories ?? []))
    if (found.some((stories) => stories !== null))
      return done(failed.length > 0 ? 'caused_by' : 'unattributed')
    // "A cause that matches no finished deployment of any service that the incident names, in any production
    // environment, leaves it unattributed and is listed as `cause_not_found`: a stated cause is never
    // overruled by a guess."
    note('cause: not found')
    list('cause_not_found', 'its cause matches no finished deployment')
    return done('unattributed')
  }

  // 2. "`deployTriggered: false`: none."
  if (incident.deployTriggered === false) {
    note('attribution: not a deployment')
    return done('not_deployment')
  }

  // 3. "The latest deployment …"
  for (const entry of concerned) {
    const story = nearest(incident, entry, note)
    if (story !== null) failed.push(story)
  }
  if (failed.length === 0) note('attribution: none')
  return done(failed.length > 0 ? 'nearest' : 'unattributed')
}

/**
 * What a stated cause fails in one service; null where none of the causes matches anything there. In a production
 * environment that the incident does not name it is "that deployment" all the same and, as an incident "can fail one
 * deployment of each" service, the first.
 */
function causedIn(causes: Find[], own: Entry[], concerned: Entry[], note: Note): Story[] | null {
  for (const [position, find] of causes.entries()) {
    const anywhere = own.flatMap((entry) => find(entry) ?? [])
    if (anywhere.length === 0) continue
    if (position > 0) note('cause: the next was tried')
    if (concerned.length === 0) {
      note('cause: in a service it does not count for')
      return []
    }
    const here = concerned.flatMap((entry) => find(entry) ?? [])
    if (here.length > 0) return here
    note('cause: in another environment')
    return anywhere.sort(inOrder).slice(0, 1)
  }
  return null
}

export function inOrder(a: Story, b: Story): number {
  return a.finishedAt - b.finishedAt || compareText(a.deployment.id, b.deployment.id)
}

type Find = (entry: Entry) => Story | null

/** The stated causes in the order in which they are tried. */
function statedCauses(incident: IncidentFact, graph: Graph, note: Note): Find[] {
  const { deploymentId, sha, version } = incident.causedBy ?? {}
  const causes: Find[] = []
  if (deploymentId !== undefined) causes.push((entry) => byId(entry, deploymentId, note))
  if (sha !== undefined) causes.push((entry) => bySha(entry, sha, graph, note))
  if (version !== undefined) causes.push((entry) => byVersion(entry, version, note))
  return causes
}

function byId(entry: Entry, id: string, note: Note): Story | null {
  const story = entry.stories.find((other) => other.deployment.id === id) ?? null
  if (story !== null) note('cause: a deployment')
  return story
}

function byVersion(entry: Entry, version: string, note: Note): Story | null {
  const story = entry.stories.find((other) => other.deployment.version === version) ?? null
  if (story !== null) note('cause: a version')
  return story
}

/**
 * "for a commit the first that shipped it, else the one that shipped the pull request that lists it (a squashed
 * branch commit), else the first of exactly that commit … (A commit from before the baseline is caused by
 * nothing known.)"
 */
function bySha(entry: Entry, sha: string, graph: Graph, note: Note): Story | null {
  const story = (deployment: unknown) =>
    entry.stories.find((other) => other.deployment === deployment) ?? null
  for (const [key, shipment] of entry.shipped.commits) {
    if (key.slice(key.indexOf('@') + 1) !== sha) continue
    note(shipment.beforeBaseline ? 'cause: a commit from before the baseline' : 'cause: a shipped commit')
    return shipment.beforeBaseline ? null : story(shipment.deployment)
  }
  const listing = graph.changes
    .filter((change) => change.commits.some((commit) => commit.sha === sha))
    .flatMap((change) => entry.shipped.changes.get(changeKey(change)) ?? [])
    .sort((a, b) => a.order - b.order)[0]
  if (listing !== undefined) {
    note(listing.beforeBaseline ? 'cause: a change from before the baseline' : 'cause: a squashed commit')
    return listing.beforeBaseline ? null : story(listing.deployment)
  }
  const exact = entry.stories.find((other) => other.deployment.sha === sha) ?? null
  if (exact !== null) note('cause: exactly that commit')
  return exact
}

/**
 * "The latest deployment to the incident's service (and environment, if given), successful or failed, that had
 * begun (`startedAt`, else `finishedAt`) when the incident started, if the incident started at most
 * `attributionWindow` (default 1 h) after its finish; with `deployTriggered: true` however long after."
 */
function nearest(incident: IncidentFact, entry: Entry, note: Note): Story | null {
  const startedAt = at(incident.startedAt)
  const story = entry.stories.findLast((other) => other.startedAt <= startedAt)
  if (story === undefined) {
    note('nearest: nothing had begun')
    return null
  }
  const after = startedAt - story.finishedAt
  const limit = duration(entry.settings.attributionWindow)
  if (after > limit) {
    note(incident.deployTriggered === true ? 'nearest: however long after' : 'nearest: too long after')
    return incident.deployTriggered === true ? story : null
  }
  if (after < 0) note('nearest: during the rollout')
  if (after === 0) note('nearest: at its finish')
  if (after === limit) note('nearest: exactly at the end of the attribution window')
  if (story.startedAt === startedAt) note('nearest: at its start')
  note('nearest: within the window')
  return story
}
