import type { Row } from './dashboard.ts'
import { chosen, counts, events } from './influxql.ts'
import { timeseries } from './chart.ts'
import { changeFields, deploymentColumns as columns, incidentFields } from './event-columns.ts'
import { table } from './panels.ts'

const where = chosen('service', 'environment')
const from = 'dora_deployment'

/** Keeps everything as it is, and chooses the deployment of the row. */
const choose = {
  title: 'Its changes and incidents, below',
  url:
    '/d/dorado-service?${__url_time_range}&${datasource:queryparam}&${window:queryparam}&${team:queryparam}' +
    '&${service:queryparam}&${environment:queryparam}&var-deployment=${__data.fields.id:percentencode}',
}
const ofSeries = ['environment']
const fields = columns.filter((column) => !ofSeries.includes(column))

/** What was deployed to production, and what failed. */
export const deployments: Row = {
  title: '$service: deployments, failures and incidents',
  panels: [
    timeseries(
      {
        title: 'Deployments over time',
        description:
          'Finished deployments by the day (UTC; longer in long time ranges), apart by whether they failed. A day without any is a gap.',
        width: 24,
        height: 6,
        unit: 'deployments',
        bars: true,
        interval: '1d',
      },
      [
        { query: counts({ from, where: `${where} AND "failed" = false` }), alias: 'did not fail' },
        { query: counts({ from, where: `${where} AND "failed" = true` }), alias: 'failed' },
      ],
    ),
    table(
      {
        title: 'Failed deployments',
        description:
          'Failed by their outcome, an incident, a rollback or a hotfix. The id leads to the deployment, and to the ' +
          'incidents that are held against it.',
        width: 24,
        isOfEvents: true,
        links: { id: [choose] },
      },
      [events({ from, where: `${where} AND "failed" = true`, fields, tags: ofSeries })],
      columns,
    ),
    table(
      {
        title: 'Incidents',
        description:
          'All that name the service, whether a deployment is held to have caused them or not, with the rule that says so.',
        width: 24,
        isOfEvents: true,
      },
      [events({ from: 'dora_incident', where: chosen('service'), fields: incidentFields })],
      incidentFields,
    ),
    table(
      {
        title: 'Deployments',
        description:
          'The latest 500 finished deployments. The id leads to the deployment, and to the changes it shipped.',
        width: 24,
        isOfEvents: true,
        links: { id: [choose] },
      },
      [events({ from, where, fields, tags: ofSeries })],
      columns,
    ),
    table(
      {
        title: 'Changes',
        description:
          'The latest 500 changes that were shipped, at the end of the deployment that did, with their lead time and ' +
          'its phases. Some are no sample of the lead time; the last column says why.',
        width: 24,
        isOfEvents: true,
        links: {
          deployment: [{ ...choose, url: choose.url.replace('fields.id', 'fields.deployment') }],
        },
      },
      [events({ from: 'dora_change', where, fields: changeFields })],
      changeFields,
    ),
  ],
}
