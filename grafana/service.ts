import { dashboard, type Row } from './dashboard.ts'
import { deployments } from './deployments.ts'
import { drillDown } from './drill-down.ts'
import { metrics, standings, fieldsOf, type Metric } from './five-metrics.ts'
import { chosen, events, points } from './influxql.ts'
import type { Annotation, Dashboard } from './model.ts'
import { phaseLines } from './phases.ts'
import { timeseries, type Line } from './chart.ts'
import { source, table, type Sized } from './panels.ts'
import { datasource, deployment, environments, oneService, teams, window } from './variables.ts'

const where = chosen('service', 'environment')

/** One service: how it stands, what was deployed, what failed and why. */
export function service(): Dashboard {
  return dashboard({
    uid: 'dorado-service',
    title: 'Dorado: Service',
    description: 'One service: the five metrics, its deployments and changes, its failures and incidents.',
    from: 'now-90d',
    variables: [datasource, window, teams, oneService, environments, deployment],
    annotations: [
      annotation('Deployments', 'blue', 'dora_deployment', `${where} AND "failed" = false`, [
        'kind',
        'outcome',
      ]),
      annotation('Failed deployments', 'red', 'dora_deployment', `${where} AND "failed" = true`, [
        'kind',
        'outcome',
      ]),
      annotation('Incidents', 'orange', 'dora_incident', chosen('service'), ['severity', 'rule']),
    ],
    rows: [
      { title: '$service: the five metrics', panels: [standing] },
      { title: '$service: trend of windows of $window', panels: metrics.map(trend) },
      leadTimePhases,
      deployments,
      drillDown,
    ],
  })
}

const tags = ['environment', 'window']
const standing = table(
  {
    title: 'By environment and window',
    description:
      'The newest windows of each length, with their samples; low and high bound 95 % confidence intervals. A dash ' +
      'is no sample, which is not zero.',
    width: 24,
    height: 8,
    sortBy: { displayName: 'Window' },
  },
  standings({ where, tags }),
  [...tags, ...fieldsOf(metrics, tags)],
)

/** The leading value, with its bounds or its 90th percentile. */
function trend({ title, lineTitle = title, leading, counts, fields }: Metric, index: number): Sized {
  const line = (field: string, alias: string): Line => ({
    query: points({
      from: 'dora_window',
      where: `${where} AND ${chosen('window')} AND "${counts}" > 0`,
      fields: [field],
      tags: ['environment'],
    }),
    alias,
  })
  const more = [
    { field: `${leading}_low`, alias: 'low bound $tag_environment' },
    { field: `${leading}_high`, alias: 'high bound $tag_environment' },
    { field: leading.replace('_p50_', '_p90_'), alias: 'p90 $tag_environment' },
  ].filter(({ field }) => field !== leading && fields.includes(field))
  return timeseries(
    {
      title: lineTitle,
      description: `${metrics[index]!.says} Of each day’s window; one without a sample is a gap.`,
      width: index < 2 ? 12 : 8,
      unit: leading,
    },
    [line(leading, '$tag_environment'), ...more.map(({ field, alias }) => line(field, alias))],
  )
}

const leadTimePhases: Row = {
  title: '$service: where the time goes',
  panels: [
    timeseries(
      {
        title: 'Phases of the lead time',
        description:
          'Medians of the changes shipped within 30 days, week by week: coding from the first commit to the pull ' +
          'request, pickup from ready for review to the first review by another, review to the merge, deploy to the ' +
          'end of the deployment. Medians do not add up to the median of the whole.',
        width: 24,
        unit: 'coding_p50_s',
        gapDays: 8,
      },
      phaseLines({ where, tags: ['environment'], alias: '$tag_environment' }),
    ),
  ],
}

/** Marks on the time axis, with what they were. */
function annotation(
  name: string,
  iconColor: string,
  from: string,
  condition: string,
  fields: string[],
): Annotation {
  const query = events({ from, where: condition, fields: ['id', 'url', ...fields] }, 1000)
  return {
    name,
    enable: true,
    iconColor,
    datasource: source,
    target: {
      refId: 'Anno',
      datasource: source,
      rawQuery: true,
      query,
      resultFormat: 'table',
      fromAnnotations: true,
      titleColumn: 'id',
      textColumn: 'url',
      tagsColumn: fields.join(','),
    },
  }
}
