import { ci, flaky } from './ci.ts'
import { dashboard, type Row } from './dashboard.ts'
import { chosen, level, newest } from './influxql.ts'
import { flowTrend } from './flow-trend.ts'
import type { Dashboard } from './model.ts'
import { phases } from './phases.ts'
import { table } from './panels.ts'
import { datasource, environments, severalServices, teams, window } from './variables.ts'

const from = 'dora_flow'
/** Every point of `dora_flow` has it. */
const by = 'merged_changes'
const tags = ['service', 'team', 'environment']
const service = `${level.service} AND ${chosen('team', 'service', 'environment')}`

/** Where the time goes before a deployment, and what CI adds to it. */
export function flowAndCi(): Dashboard {
  return dashboard({
    uid: 'dorado-flow-and-ci',
    title: 'Dorado: Flow and CI',
    description:
      'What goes on before a deployment: the phases of changes, batches, merges, CI runs, flaky tests.',
    from: 'now-180d',
    variables: [datasource, window, teams, severalServices, environments],
    rows: [flow, flowTrend, ci, flaky, standing],
  })
}

const newestOf = (fields: readonly string[], n: string) =>
  newest({ from, where: service, tags, fields, by, having: [`"${n}" > 0`] })
const phaseFields = (phase: string) => [`${phase}_p50_s`, `${phase}_p90_s`, `${phase}_n`]
const size = ['deployment_size_p50', 'deployment_size_p90', 'deployment_size_n']
const age = phaseFields('batch_age')
const merged = ['merged_changes', 'merged_per_week', 'large_merges', 'weekend_merges', 'hotfixes']
const labelled = [
  'labelled_fail_rate',
  'labelled_fail_rate_low',
  'labelled_fail_rate_high',
  'labelled_fail_rate_n',
]

const flow: Row = {
  title: 'Flow of changes, the last 30 days or the longest window',
  panels: [
    table(
      {
        title: 'Phases of the changes shipped',
        description:
          'Of the samples of the lead time: coding from the first commit to the pull request, pickup from ready for ' +
          'review to the first review by another, review to the merge, deploy to the end of the deployment. Each with ' +
          'its samples: changes of which both ends are known.',
        width: 24,
        height: 12,
        sortBy: { displayName: 'Service' },
      },
      phases.map((phase) => newestOf(phaseFields(phase), `${phase}_n`)),
      [...tags, ...phases.flatMap(phaseFields)],
    ),
    table(
      {
        title: 'Batches and merges',
        description:
          'Changes in a deployment that shipped any, and how long the oldest of them waited for it; changes merged, ' +
          'those of 10 files and more, those merged on a weekend, hotfixes; and the share of merged changes that ' +
          'were labelled as the cause of an incident.',
        width: 24,
        height: 12,
        sortBy: { displayName: 'Service' },
      },
      [
        newestOf(size, 'deployment_size_n'),
        newestOf(age, 'batch_age_n'),
        newestOf(merged, 'merged_changes'),
        newestOf(labelled, 'labelled_fail_rate_n'),
      ],
      [...tags, ...size, ...age, ...merged, ...labelled],
    ),
  ],
}

const standingFields = [
  'since_last_deployment_s',
  'open_failures',
  'oldest_open_failure_s',
  'failure_streak',
] as const

const standing: Row = {
  title: 'At the moment',
  panels: [
    table(
      {
        title: 'Waiting',
        description:
          'At the last full hour: how long ago each service was last deployed, how many of its failed deployments are ' +
          'not recovered from, since when, and how many of the last ones failed in a row.',
        width: 24,
        height: 12,
        sortBy: { displayName: 'Since the last deployment', desc: true },
      },
      [
        newest({
          from: 'dora_state',
          where: service,
          tags,
          fields: standingFields,
          by: 'deleted',
          having: ['"deleted" = false'],
        }),
      ],
      [...tags, ...standingFields],
    ),
  ],
}
