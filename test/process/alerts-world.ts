import { seeded } from '../alerts/seeded.ts'

/**
 * What goes on in a company of made-up teams, and what a channel has to hear of it: told from the numbers alone, without
 * anything of the engine.
 */
export interface World {
  teams: number
  servicesOfTeam: number
  slots: number
  seed: number
}

export const hourMs = 3_600_000
export const firstSlot = Date.UTC(2026, 2, 10, 8)

/** Failures among 100 deployments: well, bad, worse, or not known. */
const levels = [5, 30, 60, undefined] as const
export type Level = (typeof levels)[number]

export interface Service {
  name: string
  team: string
  /** One a slot. */
  failed: Level[]
}

export function servicesOf({ teams, servicesOfTeam, slots, seed }: World): Service[] {
  const random = seeded(seed)
  return Array.from({ length: teams * servicesOfTeam }, (_, index) => {
    let level: Level = 5
    const failed = Array.from({ length: slots }, () => {
      if (random() < 0.6) level = levels[Math.floor(random() * levels.length)]
      return level
    })
    return { name: `service-${index}`, team: `team-${index % teams}`, failed }
  })
}

/** A message as a channel has to hear it. */
export interface Expected {
  team: string
  at: number
  /** `service-1 firing warning`, sorted. */
  alerts: string[]
}

export interface Happened {
  service: string
  at: number
  kind: 'fired' | 'escalated' | 'deescalated' | 'resolved'
}

/** Of every team, in the order of the slots: a message whenever something changed, with all that fires and what ended. */
export function expectedOf(world: World): { messages: Expected[]; happened: Happened[] } {
  const services = servicesOf(world)
  const messages: Expected[] = []
  const happened: Happened[] = []
  const firing = new Map<string, 30 | 60>()
  for (let slot = 0; slot < world.slots; slot += 1) {
    const at = firstSlot + slot * hourMs
    for (const [team, members] of Map.groupBy(services, (service) => service.team)) {
      const ended: string[] = []
      let isNews = false
      for (const { name, failed } of members) {
        const level = failed[slot]
        const before = firing.get(name)
        // Of what is not known nothing is new.
        if (level === undefined || level === (before ?? 5)) continue
        isNews = true
        happened.push({ service: name, at, kind: kindOf(before, level) })
        if (level === 5) {
          ended.push(`${name} resolved ${severityOf(before!)}`)
          firing.delete(name)
        } else firing.set(name, level)
      }
      const still = members.flatMap(({ name }) => {
        const level = firing.get(name)
        return level === undefined ? [] : [`${name} firing ${severityOf(level)}`]
      })
      if (isNews) messages.push({ team, at, alerts: [...still, ...ended].sort() })
    }
  }
  return { messages, happened }
}

function kindOf(before: 30 | 60 | undefined, level: 5 | 30 | 60): Happened['kind'] {
  if (level === 5) return 'resolved'
  if (before === undefined) return 'fired'
  return level > before ? 'escalated' : 'deescalated'
}

function severityOf(level: 30 | 60): string {
  return level === 60 ? 'critical' : 'warning'
}
