import { alertsSchema, routesTo, type AlertSettings } from '../../alerts/settings.ts'
import { encodeFields, encodeSeries } from '../../core/line-protocol.ts'
import { alertAt } from '../../pipeline/alerts.ts'
import { pipelineOwner } from '../../pipeline/pipeline-points.ts'
import type { Pipeline } from '../../pipeline/refresh.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'

const hourMs = 3_600_000

/** Rules over points as they would be stored, evaluated hour by hour. */
export interface Played {
  store: Store
  pipeline: Pick<Pipeline, 'store' | 'derivation' | 'extractors'>
  settings: AlertSettings
  /** `failed` of 100 deployments in the window of a service that ends at that hour. */
  fails(hour: number, failed: number, service?: string): Promise<void>
  /** How far a source is behind in the refresh of that hour. */
  lags(hour: number, source: string, hours: number): Promise<void>
  /** The messages of that hour, as `channel firing: service rule, service rule resolved`. */
  told(hour: number): Promise<string[]>
}

export function play({
  start,
  alerts,
  config = {},
  extractors = [],
  channels = ['chat'],
}: {
  start: number
  alerts: object
  config?: object
  extractors?: Pipeline['extractors']
  channels?: string[]
}): Played {
  const store = openSqlite({ path: ':memory:' })
  const services = [
    { name: 'shop', team: 'web' },
    { name: 'blog', team: 'web' },
  ]
  const derivation = optionsOf({ services, ...config }, start)
  const pipeline = { store, derivation, extractors }
  const parsed = alertsSchema.parse(alerts)
  const settings = { ...parsed, routes: routesTo(channels, parsed.routes) }
  const at = (hour: number) => start + hour * hourMs
  return {
    store,
    pipeline,
    settings,
    async fails(hour, failed, service = 'shop') {
      const series = encodeSeries('dora_window', {
        environment: 'production',
        service,
        team: derivation.catalogue.settingsOf(service).team ?? '',
        window: '30d',
      })
      const fields = encodeFields({
        n: { int: 100 },
        failed: { int: failed },
        change_fail_rate: failed / 100,
      })
      await store.points.save(service, [{ series, at: at(hour), nanos: 0, fields }])
    },
    async lags(hour, source, hours) {
      const series = encodeSeries('dora_pipeline', { step: 'extract', source })
      const fields = encodeFields({ lag_s: hours * 3600 })
      await store.points.save(pipelineOwner, [{ series, at: at(hour), nanos: 0, fields }])
    },
    async told(hour) {
      const { planned } = await alertAt(pipeline, settings, at(hour), { clock: () => at(hour) })
      return planned.messages.map(({ channel, message }) => {
        const parts = message.alerts.map(
          ({ rule, labels, status }) =>
            `${labels['service'] ?? labels['detail']} ${rule}${status === 'firing' ? '' : ` ${status}`}`,
        )
        return `${channel} ${message.status}: ${parts.join(', ')}`
      })
    },
  }
}
