import type { Problem } from './document.ts'
import { claimSchema, type Claim } from './schema.ts'

interface PlacedClaim extends Claim {
  /** The position in the configuration's list. */
  index: number
}

/**
 * Names given twice. One repository or incident id may be several services': a deployment or an incident may
 * belong to all of them. `services` is the list as it is written; what else is wrong with an entry is said elsewhere.
 */
export function checkServices(services: unknown): Problem[] {
  const list: readonly unknown[] = Array.isArray(services) ? services : []
  const claims = list.flatMap((entry, index): PlacedClaim[] => {
    const { data } = claimSchema.safeParse(entry)
    return data ? [{ ...data, index }] : []
  })
  return sameNames(claims)
}

function sameNames(claims: readonly PlacedClaim[]): Problem[] {
  const first = new Map<string, number>()
  return claims.flatMap(({ index, name }) => {
    if (name === null) return []
    const earlier = first.get(name)
    if (earlier === undefined) {
      first.set(name, index)
      return []
    }
    const message = `services[${earlier}] is called ${name} too; give each a name of its own`
    return [{ path: ['services', index, 'name'], message }]
  })
}
