import { compareFindings, type Finding, type FindingKind } from './finding.ts'

/** Findings that the same thing can be done about. */
export interface QualityGroup {
  group: string
  title: string
  count: number
  /** How many of each kind, most frequent first. */
  kinds: Partial<Record<FindingKind, number>>
  /** The services concerned, by name; `*` stands for all. */
  services: string[]
  /** What to do, in one sentence. */
  remedy: string
  example: Finding
  findings: Finding[]
}

interface GroupDefinition {
  group: string
  title: string
  kinds: readonly FindingKind[]
  remedy: string
}

/**
 * Every kind is in one group. What keeps the numbers of whole services from being known comes first, single facts
 * that are odd come last.
 */
export const qualityGroups: readonly GroupDefinition[] = [
  {
    group: 'sources_behind',
    title: 'Sources that are not read',
    kinds: ['source_failed', 'source_behind', 'source_unread'],
    remedy:
      'Run `dorado check` to see what is wrong with the token, permission or server, mend it under `sources`, then run `dorado refresh`.',
  },
  {
    group: 'sinks_behind',
    title: 'Points that did not arrive',
    kinds: ['sink_behind', 'point_rejected'],
    remedy:
      'Run `dorado check` and mend `sinks`: waiting points are delivered by the next `dorado refresh`; refused ones are sent again by a sink with a new `name`, once the reason is gone.',
  },
  {
    group: 'environments',
    title: 'Environments that look like production',
    kinds: ['environment_not_production'],
    remedy: 'Add the name to `environments` of the service, beside those that are there.',
  },
  {
    group: 'no_production',
    title: 'Services without production',
    kinds: ['no_production_deployment'],
    remedy:
      'Set `environments` of the service to the name of its production environment, and see that `environments` of the source does not leave it out.',
  },
  {
    group: 'nothing_known',
    title: 'Configured, but nothing is known',
    kinds: ['repository_unknown', 'incident_name_unknown'],
    remedy:
      'Correct `repository` or `incidents` of the service, or add the repository to `repositories` of a source; an id that never had an incident is right as it is.',
  },
  {
    group: 'no_deployments',
    title: 'Repositories without deployments',
    kinds: ['repository_without_deployments'],
    remedy:
      "Set `deployments` of the repository in the source to what tells of its rollouts (`deployments`, `releases` or `workflow`), or tell them with `dorado import`; take a repository that nobody deploys off the source's `repositories`.",
  },
  {
    group: 'incidents_without_service',
    title: 'Incidents without service',
    kinds: ['incident_without_service'],
    remedy: 'List the name or id that the incident gives under `incidents` of its service.',
  },
  {
    group: 'no_commit_named',
    title: 'Deployments without commit',
    kinds: ['deployment_without_commit'],
    remedy: 'Have whatever tells of the deployment give its `sha`, or the `range` of its commits.',
  },
  {
    group: 'commits_unknown',
    title: 'Commits that are not known',
    kinds: ['no_commits', 'commit_unknown'],
    remedy:
      'Add the repository to `repositories` of a source that reads commits, or read further back with `dorado backfill --since DATE`.',
  },
  {
    group: 'baselines',
    title: 'Unresolved baselines',
    kinds: ['baseline_unresolved'],
    remedy:
      'Read the commits in between with `dorado backfill --since DATE`; after a force-push there is nothing to mend.',
  },
  {
    group: 'paths',
    title: 'Paths that are not known',
    kinds: ['paths_unknown'],
    remedy:
      'Set `paths: true` at a source of kind git; one of kind github fetches them in the next refreshes, more at once with a higher `commitFiles`.',
  },
  {
    group: 'causes',
    title: 'Causes that were not found',
    kinds: ['cause_not_found'],
    remedy:
      'Correct `causedBy` where the incident is told, or `environments` of the service if the deployment was to production.',
  },
  {
    group: 'beginnings',
    title: 'Changes of unknown beginning',
    kinds: ['first_commit_unknown'],
    remedy:
      'Have the source tell the commits of its changes, or set `leadTimeFrom: opened` or `merge` for the service.',
  },
  {
    group: 'clocks',
    title: 'Clock skew',
    kinds: ['negative_lead_time', 'negative_recovery', 'negative_duration', 'phase_out_of_order'],
    remedy:
      "Set the clock of the author's machine or of the deploying system, or correct the incident's times where it is kept, then run `dorado backfill --since DATE`; a rebase after the pull request was opened needs nothing.",
  },
  {
    group: 'recoveries',
    title: 'Recoveries of unknown length',
    kinds: ['recovery_unknown'],
    remedy:
      'Have an incident tell when users were affected, or set a longer `remediationWindow` for the service.',
  },
  {
    group: 'rows_skipped',
    title: 'Rows that a source skipped',
    kinds: ['row_skipped'],
    remedy:
      'Correct the row at its source if it should count; the next sweep, or `dorado backfill --since DATE`, reads it again.',
  },
  {
    group: 'lines_skipped',
    title: 'Bad lines of a file source',
    kinds: ['line_skipped'],
    remedy:
      'Append the line again as the reason says to the file that `path` of the source names: lines that were read are not read again.',
  },
]

const groupOfKind = new Map(qualityGroups.flatMap((group) => group.kinds.map((kind) => [kind, group])))

/** The position of a kind in the order of the groups, for lists of kinds. */
export function rankOf(kind: FindingKind): number {
  return qualityGroups.indexOf(groupOfKind.get(kind)!)
}

/** The groups that have findings, the most useful first; `isService` tells which names are services. */
export function groupFindings(
  findings: readonly Finding[],
  isService: (name: string) => boolean,
): QualityGroup[] {
  const found = Map.groupBy(findings, ({ kind }) => groupOfKind.get(kind)!)
  return qualityGroups.flatMap((definition) => {
    const own = found.get(definition)?.toSorted(compareFindings)
    if (!own) return []
    const { group, title, remedy } = definition
    const kinds = [...Map.groupBy(own, ({ kind }) => kind)]
      .map(([kind, { length }]): [FindingKind, number] => [kind, length])
      .sort(([, a], [, b]) => b - a)
    const [mostFrequent] = kinds[0]!
    return [
      {
        group,
        title,
        count: own.length,
        kinds: Object.fromEntries(kinds),
        services: servicesOf(own, isService),
        remedy,
        example: own.find(({ kind }) => kind === mostFrequent)!,
        findings: own,
      },
    ]
  })
}

function servicesOf(findings: readonly Finding[], isService: (name: string) => boolean): string[] {
  const names = findings.flatMap(({ service, services }) => services ?? [service])
  return [...new Set(names.filter((name) => name === '*' || isService(name)))].sort()
}
