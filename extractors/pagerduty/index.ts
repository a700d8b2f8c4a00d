import { connector } from '../../core/connector.ts'
import type { Extractor, Usage } from '../extractor.ts'
import { check } from './check.ts'
import { extract } from './extract.ts'
import { settingsSchema } from './settings.ts'

/** Incidents from PagerDuty's REST API v2. Their `service` is PagerDuty's id of it, which the configuration maps. */
export const pagerduty = connector('pagerduty', settingsSchema, (name, settings): Extractor => {
  let usage: Usage = { requests: 0 }
  return {
    name,
    yields: ['incident'],
    extract(since, io) {
      usage = { requests: 0 }
      return extract(name, settings, since, io, usage)
    },
    check: (io) => check(name, settings, io, { requests: 0 }),
    usage: () => usage,
  }
})
