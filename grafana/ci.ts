import type { Row } from './dashboard.ts'
import { chosen, level, newest, points } from './influxql.ts'
import { timeseries } from './chart.ts'
import { table, type Sized } from './panels.ts'

const from = 'dora_ci'
const service = `${level.service} AND ${chosen('team', 'service', 'window')}`
const rates = [
  'runs',
  'failure_rate',
  'failure_rate_low',
  'failure_rate_high',
  'rerun_rate',
  'rerun_rate_low',
  'rerun_rate_high',
]
const duration = ['duration_p50_s', 'duration_p90_s', 'duration_n']
const green = ['time_to_green_p50_s', 'time_to_green_p90_s', 'time_to_green_n']

function runs(title: string, description: string, where: string, tags: readonly string[]): Sized {
  const of = (fields: readonly string[], n: string) =>
    newest({ from, where, tags, fields, having: [`"${n}" > 0`] })
  return table(
    { title, description, width: 24, height: 12, sortBy: { displayName: 'Runs', desc: true } },
    [of(rates, 'n'), of(duration, 'duration_n'), of(green, 'time_to_green_n')],
    [...tags, ...rates, ...duration, ...green],
  )
}

const terms =
  'Runs that succeeded or failed, every attempt; the shares that failed and that had nothing new to try, with the ' +
  'bounds of 95 % confidence intervals; how long they took; and the time from a commit’s first run to its first success.'

export const ci: Row = {
  title: 'CI runs, window of $window',
  panels: [
    runs(
      'CI by service',
      `${terms} All workflows of a service together.`,
      `${service} AND "workflow" = '*'`,
      ['service', 'team'],
    ),
    runs('CI by workflow', terms, `${service} AND "workflow" != '*'`, ['service', 'team', 'workflow']),
    chart('CI failure rate', 'Failed of all finished runs, by team.', 'failure_rate', 'n'),
    chart('CI duration', 'The median duration of runs, by team.', 'duration_p50_s', 'duration_n'),
  ],
}

function chart(title: string, description: string, field: string, n: string): Sized {
  const where = `${level.team} AND ${chosen('team', 'window')} AND "${n}" > 0`
  return timeseries({ title, description, width: 12, unit: field }, [
    { query: points({ from, where, fields: [field], tags: ['team'] }), alias: '$tag_team' },
  ])
}

const flakyFields = ['n', 'tests', 'flaky', 'worst', 'worst_runs', 'worst_failures']

export const flaky: Row = {
  title: 'Flaky tests, the last 14 days',
  panels: [
    table(
      {
        title: 'Flaky tests by repository',
        description:
          'Tests that fail in between 5 and 95 % of at least 20 runs, of all that ran, from imported test reports; and ' +
          'the worst of them.',
        width: 24,
        height: 8,
        noValue: 'No test report within 14 days',
        sortBy: { displayName: 'Flaky', desc: true },
      },
      [
        newest({
          from: 'dora_flaky',
          where: chosen('service'),
          tags: ['service', 'repository'],
          fields: flakyFields,
          having: ['"n" > 0'],
        }),
      ],
      ['service', 'repository', ...flakyFields],
    ),
  ],
}
