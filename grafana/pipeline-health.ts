import { dashboard, type Row } from './dashboard.ts'
import { level, newest, points } from './influxql.ts'
import type { Dashboard } from './model.ts'
import { timeseries } from './chart.ts'
import { stat, table, type Sized } from './panels.ts'
import { quality } from './quality.ts'
import { datasource, teams } from './variables.ts'

const from = 'dora_pipeline'
/** Every point of `dora_pipeline` has it. */
const by = 'duration_s'
const step = (name: string) => `"step" = '${name}'`

/** Whether the numbers can be believed: is everything read, derived and delivered, and what could not be known? */
export function pipelineHealth(): Dashboard {
  return dashboard({
    uid: 'dorado-pipeline-health',
    title: 'Dorado: Pipeline health',
    description:
      'How fresh the data is, what failed, what waits to be delivered, and what could not be known.',
    from: 'now-14d',
    variables: [datasource, teams],
    rows: [last, history, quality(level)],
  })
}

const read = ['lag_s', 'errors', 'facts', 'requests', 'rate_limit_remaining', 'duration_s']
const delivered = ['lag_s', 'errors', 'backlog', 'rejected', 'points', 'duration_s']
const derived = ['duration_s', 'points', 'errors']

const last: Row = {
  title: 'The last refresh',
  panels: [
    lastOf({
      title: 'Sources',
      name: 'extract',
      fields: read,
      description:
        'Of each source’s last run: how far what is completely read lags behind (its metrics are held from there on), ' +
        'whether it failed, facts read, requests made, and requests that its rate limit still allows. An old time ' +
        'in the last column means that nothing runs.',
    }),
    lastOf({
      title: 'Sinks',
      name: 'deliver',
      fields: delivered,
      description:
        'Of each sink’s last delivery: how long ago it had everything (a dash: never), whether it failed, points that ' +
        'still wait, points set aside in all because the server refuses them, and points delivered. While the InfluxDB ' +
        'that is shown here is down nothing of it is told here; the time in the last column is old then.',
    }),
    stat(
      {
        title: 'Derivation',
        description: 'How long the last derivation took, and how many points it changed.',
        width: 4,
        noValue: 'No refresh',
      },
      newest({ from, where: step('derive'), fields: derived, by }),
      derived,
    ),
  ],
}

interface Step {
  title: string
  description: string
  name: string
  fields: readonly string[]
}

function lastOf({ title, description, name, fields }: Step): Sized {
  return table(
    { title, description, width: 10, height: 8 },
    [newest({ from, where: step(name), tags: ['source'], fields, by })],
    ['source', ...fields],
  )
}

/** A line for each source or sink. */
function over(title: string, description: string, name: string, field: string, bars = false): Sized {
  const query = points({ from, where: step(name), fields: [field], tags: ['source'] })
  return timeseries(
    { title, description, width: 8, unit: field, bars, gapDays: 0.125, noValue: 'No refresh' },
    [{ query, alias: '$tag_source' }],
  )
}

const history: Row = {
  title: 'Refresh by refresh',
  panels: [
    over(
      'Freshness of sources',
      'How far what is completely read lags behind at the end of a run, by source.',
      'extract',
      'lag_s',
    ),
    over(
      'Freshness of sinks',
      'How long ago a sink had everything, at the end of a delivery; a gap where it never had.',
      'deliver',
      'lag_s',
    ),
    over('Backlog of sinks', 'Points that wait to be delivered, by sink.', 'deliver', 'backlog'),
    over(
      'Failed runs of sources',
      'One for each refresh in which a source failed.',
      'extract',
      'errors',
      true,
    ),
    over('Failed deliveries', 'One for each refresh in which a sink failed.', 'deliver', 'errors', true),
    over('Set aside by sinks', 'Points that the server refuses, in all.', 'deliver', 'rejected'),
    over(
      'Requests left',
      'What the rate limit of a source allowed at the end of its run.',
      'extract',
      'rate_limit_remaining',
    ),
    over('Requests', 'Made by a source in a refresh.', 'extract', 'requests'),
    over('Time to read', 'How long a source’s run took.', 'extract', 'duration_s'),
  ],
}
