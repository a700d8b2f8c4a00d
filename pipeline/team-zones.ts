import type { Labels } from '../alerts/message.ts'
import type { Catalogue } from './catalogue.ts'

export interface TeamZones {
  /** Of what an alert is about: the zone of its team, if its services agree on one, else the configuration's. */
  zoneOf(labels: Labels): string
  /** All that there are, the configuration's first. */
  all: readonly string[]
}

export function teamZones(
  { configured, settingsOf }: Pick<Catalogue, 'configured' | 'settingsOf'>,
  timezone: string,
): TeamZones {
  const zonesOfTeams = new Map<string, Set<string>>()
  const all = new Set([timezone])
  for (const service of configured.values()) {
    if (service.team === null) all.add(service.timezone)
    else {
      const zones = zonesOfTeams.get(service.team)
      if (zones) zones.add(service.timezone)
      else zonesOfTeams.set(service.team, new Set([service.timezone]))
    }
  }
  const agreed = new Map<string, string>()
  for (const [team, [first, ...others]] of zonesOfTeams) {
    if (others.length === 0) agreed.set(team, first!)
  }
  return {
    zoneOf({ service, team: labelled }) {
      const settings = service === undefined ? undefined : settingsOf(service)
      const team = settings?.team ?? labelled
      if (team === undefined) return settings?.timezone ?? timezone
      return agreed.get(team) ?? timezone
    },
    all: [...new Set([...all, ...agreed.values()])],
  }
}
