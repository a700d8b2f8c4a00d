/**
 * The metrics' definitions again, slowly and plainly: everything is computed anew from all facts for every
 * window, with sets of commits and sorted lists. It shares no code with what it is compared to.
 */
import { attribute } from './attribution.ts'
import {
  at,
  commitKey,
  compareText,
  upserted,
  type ChangeFact,
  type CommitFact,
  type DeploymentFact,
  type Fact,
  type IncidentFact,
} from './facts.ts'
import { mergedOf } from './flow.ts'
import type { Note } from './rules.ts'
import { hasFailed, markRemediated, recovery, type Recovery } from './remediation.ts'
import { replay, type Story } from './replay.ts'
import { allSettings, isProduction, type Config, type Settings } from './settings.ts'
import type { Finding, Graph } from './shipping.ts'
import { span, windowReport, type Observed, type WindowReport } from './windows.ts'

export type { Config } from './settings.ts'
export type { Fact } from './facts.ts'
export type { Finding } from './shipping.ts'
export type { WindowReport } from './windows.ts'

type Windows = Record<string, WindowReport | null>

export interface Report {
  asOf: string
  timezone: string
  edition: string
  services: ({ service: string; team: string | null; environment: string; windows: Windows } & Standing)[]
  teams: ({ team: string; windows: Windows } & Standing)[]
  organization: { windows: Windows } & Standing
  dataQuality: Finding[]
}

/**
 * The report that the definitions ask for. `facts` are in delivery order; `note` is told of every rule that
 * was applied, so that tests can see that histories reach all of them.
 */
export function referenceReport(
  config: Config,
  facts: readonly Fact[],
  asOf: string,
  windows: string[],
  note: Note = () => {},
): Report {
  const stored = upserted(facts, note)
  const deployments = stored.filter((fact): fact is DeploymentFact => fact.kind === 'deployment')
  const incidents = stored.filter((fact): fact is IncidentFact => fact.kind === 'incident')
  const graph: Graph = {
    commits: new Map(
      stored
        .filter((fact): fact is CommitFact => fact.kind === 'commit')
        .map((commit) => [commitKey(commit.repository, commit.sha), commit]),
    ),
    changes: stored.filter((fact): fact is ChangeFact => fact.kind === 'change'),
  }
  const settings = allSettings(config, deployments)
  const timezone = config.timezone ?? 'UTC'
  const edition = config.edition ?? '2023'

  const observed = settings.flatMap((service) => observe(config, service, deployments, graph, note))
  const entries = observed.map((one) => one.entry)
  const findings: Finding[] = []
  const attributed = incidents.map((incident) =>
    attribute(incident, entries, settings, graph, findings, note),
  )
  for (const one of observed) {
    markRemediated(one.entry, note)
    for (const story of one.entry.stories) recover(one, story, note)
  }
  noteFailures(
    entries.flatMap((entry) => entry.stories),
    note,
  )

  const windowsOf = (members: Observed[], level: { edition: '2023' | '2021'; isService: boolean }): Windows =>
    Object.fromEntries(
      windows.map((name) => {
        const window = span(name, asOf, timezone, note)
        return [name, windowReport(members, attributed, window, level, note)]
      }),
    )
  const teams = [...new Set(settings.flatMap((service) => service.team ?? []))].sort(compareText)
  return {
    asOf: new Date(at(asOf)).toISOString(),
    timezone,
    edition,
    services: observed
      .map((one) => ({
        service: one.entry.settings.name,
        team: one.entry.settings.team,
        environment: one.entry.environment,
        ...standing([one], at(asOf)),
        windows: windowsOf([one], { edition: one.entry.settings.edition, isService: true }),
      }))
      .sort((a, b) => compareText(a.service, b.service) || compareText(a.environment, b.environment)),
    teams: teams.map((team) => ({
      team,
      ...standing(
        observed.filter((one) => one.entry.settings.team === team),
        at(asOf),
      ),
      windows: windowsOf(
        observed.filter((one) => one.entry.settings.team === team),
        { edition, isService: false },
      ),
    })),
    organization: {
      ...standing(observed, at(asOf)),
      windows: windowsOf(observed, { edition, isService: false }),
    },
    dataQuality: [...settings.flatMap((service) => findingsOf(service, observed, graph, note)), ...findings],
  }
}

interface Standing {
  sinceLastDeployment: number | null
  openFailures: number | null
  oldestOpenFailure: number | null
  failureStreak: number | null
}

/** How it stands at an instant, windows aside: over everything known before it of what is covered by then. */
function standing(observed: Observed[], asOf: number): Standing {
  const covered = observed.filter(({ since }) => since !== null && since < asOf)
  if (covered.length === 0)
    return { sinceLastDeployment: null, openFailures: null, oldestOpenFailure: null, failureStreak: null }
  const earlier = covered.flatMap(({ entry, recoveries }) =>
    entry.stories
      .filter((story) => story.finishedAt < asOf)
      .map((story) => ({ story, recoveryOf: recoveries.get(story), settings: entry.settings })),
  )
  const successes = earlier.filter(({ story }) => story.success).map(({ story }) => story.finishedAt)
  return {
    sinceLastDeployment: successes.length === 0 ? null : (asOf - Math.max(...successes)) / 1000,
    openFailures: earlier.filter((each) => each.recoveryOf?.state === 'open').length,
    // "seconds since the impact of the oldest of them began, by the clock that leads; 0 where there is none"
    oldestOpenFailure: Math.max(
      0,
      ...earlier.map(({ story, recoveryOf, settings }) => {
        if (recoveryOf?.state !== 'open') return 0
        return (asOf - (settings.recoveryClock === 'deployment' ? story.finishedAt : recoveryOf.from)) / 1000
      }),
    ),
    // "how many of the last deployments failed, one after the other"; "the longest of any"
    failureStreak: Math.max(
      ...covered.map(({ entry }) => {
        const stories = entry.stories.filter((story) => story.finishedAt < asOf)
        return stories.length - 1 - stories.findLastIndex((story) => !hasFailed(story))
      }),
    ),
  }
}

/** The entries of one service: one for each production environment to which a deployment finished. */
function observe(
  config: Config,
  service: Settings,
  deployments: DeploymentFact[],
  graph: Graph,
  note: Note,
): Observed[] {
  const own = deployments.filter((deployment) => deployment.service === service.name)
  // "`cancelled` and `running` deployments count nowhere." "Production environments only".
  const finished = own
    .filter((deployment) => deployment.outcome === 'success' || deployment.outcome === 'failure')
    .filter((deployment) => isProduction(service, deployment.environment))
    // "Deployments are taken in the order of `finishedAt`, then `id`."
    .sort(
      (a, b) =>
        at(a.finishedAt ?? '') - at(b.finishedAt ?? '') ||
        compareText(a.id, b.id) ||
        compareText(a.source, b.source),
    )
  if (
    finished.some((one, position) => position > 0 && finished[position - 1]?.finishedAt === one.finishedAt)
  ) {
    note('deployments: equal finish times')
  }
  for (const one of own) noteEnvironment(service, one.environment, note)
  if (own.length > finished.length) note('deployments: some count nowhere')
  // "from the configured `since` (else from its first deployment)"
  const first = finished[0]?.finishedAt ?? null
  const since = config.since ?? first
  if (config.since === undefined) note('since: from the first deployment')
  const merged = mergedOf(service, own, graph)
  const environments = [...new Set(finished.map((deployment) => deployment.environment))]
  if (environments.length === 0) note('service: without deployments')
  if (environments.length > 1) note('service: several production environments')
  return (environments.length === 0 ? [idleEnvironment(service)] : environments).map((environment) => ({
    entry: replay(
      service,
      environment,
      finished.filter((deployment) => deployment.environment === environment),
      graph,
      merged,
      note,
    ),
    since: since === null ? null : at(since),
    recoveries: new Map<Story, Recovery>(),
  }))
}

function noteEnvironment(service: Settings, environment: string, note: Note): void {
  if (!isProduction(service, environment)) {
    if (/prod/i.test(environment)) note('production: none, though it looks like it')
    return
  }
  if (service.environments === null && /[A-Z]/.test(environment)) note('production: in any case')
  if (service.environments?.includes(environment) === false) note('production: by an expression')
}

function recover(observed: Observed, story: Story, note: Note): void {
  if (!hasFailed(story)) return
  const { entry } = observed
  const found = recovery(entry, story, note)
  observed.recoveries.set(story, found.recovery)
  const endsBeforeItsFinish =
    entry.settings.recoveryClock === 'deployment' &&
    found.recovery.state === 'recovered' &&
    found.recovery.to < story.finishedAt
  const kind = endsBeforeItsFinish ? 'negative_recovery' : found.finding
  if (kind === null) return
  entry.findings.push({
    kind,
    service: entry.settings.name,
    environment: entry.environment,
    subject: story.deployment.id,
    detail: 'there is no recovery time of this failed deployment',
  })
}

/**
 * A service's findings. "Where not one commit of the service's repository is known, that is said once per
 * service (`no_commits`), not once per deployment."
 */
function findingsOf(service: Settings, observed: Observed[], graph: Graph, note: Note): Finding[] {
  const own = observed.filter((one) => one.entry.settings.name === service.name).map((one) => one.entry)
  const findings = own.flatMap((entry) => entry.findings)
  const repositories = new Set([
    ...service.repositories,
    ...own.flatMap((entry) => entry.stories.map((story) => story.deployment.repository)),
  ])
  const anyKnown = [...graph.commits.values()].some((commit) => repositories.has(commit.repository))
  const unresolved = findings.filter((finding) => finding.kind === 'baseline_unresolved')
  if (unresolved.length === 0 || anyKnown) return findings
  note('no commits')
  return [
    ...findings.filter((finding) => finding.kind !== 'baseline_unresolved'),
    { kind: 'no_commits', service: service.name, subject: service.name, detail: 'no commit is known' },
  ]
}

function noteFailures(stories: Story[], note: Note): void {
  for (const story of stories) {
    const reasons = [!story.success, story.incidents.length > 0, story.markedBy.length > 0]
    if (!story.success) note('failed: by its outcome')
    if (story.incidents.length > 0) note('failed: by an incident')
    if (story.markedBy.length > 0) note('failed: by a remediation')
    if (reasons.filter(Boolean).length > 1) note('failed: for several reasons, once')
    if (story.incidents.length > 1) note('failed: several incidents, once')
    if (story.markedBy.length > 1) note('failed: several remediations, once')
  }
}

/** A service that was never deployed is reported in the first environment that is named exactly. */
function idleEnvironment({ environments }: Settings): string {
  return environments?.find((environment) => !environment.startsWith('/')) ?? 'production'
}
