import type { Subject } from '../alerts/observation.ts'
import type { Store } from '../store/store.ts'
import type { Pipeline } from './refresh.ts'
import { serviceNames } from './service-names.ts'

/** Whose points there are: past windows of a service end at its own midnights, those of pools at the configuration's. */
export interface Owners {
  /** All zones in which days end, the configuration's first. */
  zones: readonly string[]
  /** The zone of a service; of pools (`*`) the configuration's. */
  zoneOf(service: string): string
  /** The services behind the numbers of a subject: itself, those of a team, or all. */
  servicesOf(subject: Pick<Subject, 'service' | 'team'>): Promise<readonly string[]>
}

export function ownersOf(
  store: Store,
  { catalogue, timezone }: Pick<Pipeline['derivation'], 'catalogue' | 'timezone'>,
): Owners {
  const zones = new Set([timezone])
  for (const { timezone: own } of catalogue.configured.values()) zones.add(own)
  let all: Promise<string[]> | undefined
  return {
    zones: [...zones],
    zoneOf: (service) => (service === '*' ? timezone : catalogue.settingsOf(service).timezone),
    async servicesOf({ service, team }) {
      if (service !== '*') return [service]
      const names = await (all ??= serviceNames(store, catalogue))
      return team === '*' ? names : names.filter((name) => catalogue.settingsOf(name).team === team)
    },
  }
}

/** Where the days of all end at the same time, and no pool is asked for its services. */
export function inOneZone(timezone: string): Owners {
  return {
    zones: [timezone],
    zoneOf: () => timezone,
    servicesOf: ({ service }) => Promise.resolve(service === '*' ? [] : [service]),
  }
}
