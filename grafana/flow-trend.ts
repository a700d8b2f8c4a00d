import { timeseries, type Line } from './chart.ts'
import type { Row } from './dashboard.ts'
import { chosen, level, points } from './influxql.ts'
import { phaseLines } from './phases.ts'

const from = 'dora_flow'
const team = `${level.team} AND ${chosen('team')}`
const sizes = ['xs', 's', 'm', 'l']
const reviewLine = (each: string): Line => ({
  query: points({
    from,
    where: `${level.organisation} AND "review_time_${each}_n" > 0`,
    fields: [`review_time_${each}_p50_s`],
  }),
  alias: each.toUpperCase(),
})

/** How the flow of changes moves: the organisation and its teams. */
export const flowTrend: Row = {
  title: 'Flow, week by week',
  panels: [
    timeseries(
      {
        title: 'Phases, the organisation',
        description:
          'Medians of all changes shipped within the window. They do not add up to the median of the whole.',
        width: 8,
        unit: 'coding_p50_s',
        gapDays: 8,
      },
      phaseLines({ where: level.organisation, alias: '' }),
    ),
    timeseries(
      {
        title: 'Review time by size, the organisation',
        description:
          'Medians from ready for review to approved, by lines added and deleted. A size of which nothing was reviewed ' +
          'is a gap.',
        width: 8,
        unit: 'review_time_s_p50_s',
        gapDays: 8,
      },
      sizes.map(reviewLine),
    ),
    timeseries(
      {
        title: 'Merged a week, by team',
        description: 'Merged changes per week of the window.',
        width: 8,
        unit: 'merged_per_week',
        gapDays: 8,
      },
      [
        {
          query: points({
            from,
            where: `${team} AND "merged_changes" > 0`,
            fields: ['merged_per_week'],
            tags: ['team'],
          }),
          alias: '$tag_team',
        },
      ],
    ),
  ],
}
