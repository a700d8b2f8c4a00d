import { dashboard } from './dashboard.ts'
import { chosen, level, newest, points } from './influxql.ts'
import { fieldsOf, metrics, standings } from './five-metrics.ts'
import { timeseries } from './chart.ts'
import { table, stat, type Sized } from './panels.ts'
import { datasource, environments, severalServices, teams, window } from './variables.ts'
import type { Dashboard } from './model.ts'

const atWindow = chosen('window')
const from = 'dora_window'
const service = `${level.service} AND ${chosen('team', 'service', 'environment')} AND ${atWindow}`
const team = `${level.team} AND ${chosen('team')} AND ${atWindow}`
const organisation = `${level.organisation} AND ${atWindow}`

/** The link of a row to its service. */
const toService = {
  title: 'The service',
  url:
    '/d/dorado-service?${__url_time_range}&${datasource:queryparam}&${window:queryparam}' +
    '&var-team=$__all&var-service=${__data.fields.service:percentencode}' +
    '&var-environment=${__data.fields.environment:percentencode}',
}

/** The link of a row to its team's services, below it. */
const toServices = {
  title: 'Its services',
  url:
    '/d/dorado-overview?${__url_time_range}&${datasource:queryparam}&${window:queryparam}' +
    '&var-team=${__data.fields.team:percentencode}&var-service=$__all&var-environment=$__all',
}

/** How it stands: who deploys how often, how fast, how safely. */
export function overview(): Dashboard {
  return dashboard({
    uid: 'dorado-overview',
    title: 'Dorado: Overview',
    description: 'The five DORA metrics of the organisation, its teams and services.',
    from: 'now-90d',
    variables: [datasource, window, teams, severalServices, environments],
    rows: [
      { title: 'Organisation, window of $window', panels: metrics.map(organisationStat) },
      {
        title: 'Teams and services, window of $window',
        panels: [
          standing('Teams', team, ['team'], teamLinks),
          standing('Services', service, tags, links),
          idle,
        ],
      },
      { title: 'Trend of windows of $window', panels: metrics.map(trend) },
    ],
  })
}

const tags = ['service', 'team', 'environment']
const links = { service: [toService] }
const teamLinks = { team: [toServices] }

function organisationStat({ title, says, fields, having }: (typeof metrics)[number], index: number): Sized {
  // There is no frequency band above the service.
  const shown = fields.filter((field) => field !== 'deployment_frequency_band')
  const description = `${says} All services together, from pooled samples; the choices above do not narrow it.`
  const width = index === 4 ? 4 : 5
  return stat(
    { title, description, width },
    newest({ from, where: organisation, fields: shown, having }),
    shown,
  )
}

/** A row a team or service: the five metrics side by side, each only where it has a sample. */
function standing(title: string, where: string, by: readonly string[], rowLinks = {}): Sized {
  const isService = by.includes('service')
  const description =
    'The newest window in the time range, of those with a deployment. Bands are those of the configured edition. ' +
    'Low and high bound 95 % confidence intervals; where they are far apart there is little to go by. A dash is ' +
    'no sample, which is not zero. ' +
    (isService
      ? 'A service with several production environments has a row for each.'
      : 'From pooled samples: no average of the services’ values.')
  return table(
    {
      title,
      description,
      width: 24,
      height: isService ? 14 : 8,
      links: rowLinks,
      sortBy: { displayName: 'Deployments', desc: true },
    },
    standings({ where, tags: by }),
    [...by, ...fieldsOf(metrics, by)],
  )
}

const idle = table(
  {
    title: 'Nothing deployed within the window',
    description:
      'Services whose newest window has no deployment: their frequency is zero, and nothing else about them is ' +
      'known. On servers that cannot delete, what was removed from the configuration stays here.',
    width: 24,
    height: 5,
    links,
    noValue: 'All of them were deployed',
  },
  [newest({ from, where: service, tags, fields: ['deployments', 'coverage_days'], having: ['"n" = 0'] })],
  [...tags, 'deployments', 'coverage_days'],
)

function trend({ title, says, leading, counts, lineTitle }: (typeof metrics)[number], index: number): Sized {
  const enough = `"${counts}" > 0`
  const fields = [leading]
  return timeseries(
    {
      title: lineTitle ?? title,
      description: `${says} Of each day’s window, the organisation and the chosen teams; one without a sample is a gap.`,
      width: index < 2 ? 12 : 8,
      unit: leading,
    },
    [
      { query: points({ from, where: `${organisation} AND ${enough}`, fields }), alias: 'organisation' },
      {
        query: points({ from, where: `${team} AND ${enough}`, fields, tags: ['team'] }),
        alias: 'team $tag_team',
      },
    ],
  )
}
