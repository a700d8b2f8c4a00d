import type { Row } from './dashboard.ts'
import { changeFields, incidentFields } from './event-columns.ts'
import { chosen, events } from './influxql.ts'
import { table } from './panels.ts'

const where = chosen('service', 'environment')
const chosenOne = 'None: choose a deployment by the link of its id above'
const id = '${deployment:regex}'

/** What belongs to the deployment that a link chose. */
export const drillDown: Row = {
  title: 'Deployment $deployment',
  panels: [
    table(
      {
        title: 'Changes that it shipped',
        description: 'The changes of the chosen deployment, with their lead time and its phases.',
        width: 24,
        isOfEvents: true,
        height: 8,
        noValue: chosenOne,
      },
      [
        events({
          from: 'dora_change',
          where: `${where} AND "deployment" =~ /^${id}$/`,
          fields: changeFields,
        }),
      ],
      changeFields,
    ),
    table(
      {
        title: 'Incidents that it caused',
        description: 'The incidents that are held against the chosen deployment, with the rule that says so.',
        width: 24,
        isOfEvents: true,
        height: 6,
        noValue: chosenOne,
      },
      [
        events({
          from: 'dora_incident',
          where: `${chosen('service')} AND "attributed_to" =~ /(^|,)${id}(,|$)/`,
          fields: incidentFields,
        }),
      ],
      incidentFields,
    ),
  ],
}
