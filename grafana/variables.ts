import { chosen, tagValues } from './influxql.ts'
import type { Variable } from './model.ts'
import { source } from './panels.ts'

/** Any InfluxDB data source that is asked in InfluxQL. */
export const datasource: Variable = {
  type: 'datasource',
  name: 'datasource',
  label: 'Data source',
  query: 'influxdb',
  refresh: 1,
}

const any = { text: ['All'], value: ['$__all'] }

/** One or several values of a tag; all of them at first. */
function several(name: string, label: string, query: string): Variable {
  return { ...one(name, label, query), multi: true, includeAll: true, allValue: '.*', current: any }
}

function one(name: string, label: string, query: string): Variable {
  return { type: 'query', name, label, datasource: source, query, definition: query, refresh: 1, sort: 7 }
}

const ofTeam = chosen('team')
const ofService = chosen('team', 'service')
const services = (measurement: string) => tagValues(measurement, 'service', ofTeam)

export const teams = several('team', 'Team', tagValues('dora_window', 'team'))
export const severalServices = several('service', 'Service', services('dora_window'))
export const oneService = one('service', 'Service', services('dora_window'))
export const environments = several(
  'environment',
  'Environment',
  tagValues('dora_window', 'environment', ofService),
)

/** The lengths of window that are configured: 30 days at first, or else the first of them. */
export const window: Variable = {
  ...one('window', 'Window', tagValues('dora_window', 'window')),
  current: { text: '30d', value: '30d' },
}

/** Set by the links of a table's rows; empty at first. */
export const deployment: Variable = {
  type: 'textbox',
  name: 'deployment',
  label: 'Deployment',
  query: '',
  current: { text: '', value: '' },
}
