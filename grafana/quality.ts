import type { Row } from './dashboard.ts'
import { chosen, newest, points, type level } from './influxql.ts'
import { timeseries } from './chart.ts'
import { table } from './panels.ts'

const from = 'dora_quality'
const by = 'count'
const there = ['"deleted" = false', '"count" > 0']

/** What could not be known: `dorado report --quality` tells what to do about it. */
export function quality({ organisation, service }: typeof level): Row {
  const ofServices = `${service} AND ${chosen('team')}`
  return {
    title: 'Data quality',
    panels: [
      table(
        {
          title: 'Findings by kind',
          description:
            'What could not be known or looks wrong, in all, as of the newest refresh. `dorado report --quality` tells ' +
            'each of them and what to do about it.',
          width: 8,
          noValue: 'Nothing found',
          sortBy: { displayName: 'Findings', desc: true },
        },
        [newest({ from, where: organisation, tags: ['kind'], fields: ['count'], by, having: there })],
        ['kind', 'count'],
      ),
      table(
        {
          title: 'Findings by service',
          description:
            'The same by service; what concerns no service, or several of them, is in the total only.',
          width: 8,
          noValue: 'Nothing found',
          sortBy: { displayName: 'Findings', desc: true },
        },
        [
          newest({
            from,
            where: ofServices,
            tags: ['service', 'team', 'kind'],
            fields: ['count'],
            by,
            having: there,
          }),
        ],
        ['service', 'team', 'kind', 'count'],
      ),
      timeseries(
        {
          title: 'Findings over time',
          description: 'In all, by kind: each day’s last count.',
          width: 8,
          height: 10,
          unit: 'count',
          noValue: 'Nothing found',
        },
        [
          {
            query: points({
              from,
              where: `${organisation} AND "deleted" = false`,
              fields: ['count'],
              tags: ['kind'],
            }),
            alias: '$tag_kind',
          },
        ],
      ),
    ],
  }
}
