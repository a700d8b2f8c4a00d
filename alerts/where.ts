import { matches, type Match } from './route.ts'
import type { Rule } from './rule.ts'

/** A service with what the configuration labels it with. */
export interface Labelled {
  name: string
  labels: Readonly<Record<string, string>>
}

/** A rule that chooses its services by their labels, with the services that have them. */
export function inServices<Of extends Pick<Rule, 'where' | 'services'>>(
  rule: Of,
  services: readonly Labelled[],
): Of {
  if (rule.where === undefined) return rule
  const chosen = chosenBy(rule.where, services)
  return { ...rule, services: rule.services?.filter((name) => chosen.includes(name)) ?? chosen }
}

/** What is wrong with a choice; undefined where it chooses something. */
export function whereProblem(where: Match | undefined, services: readonly Labelled[]): string | undefined {
  if (where === undefined || chosenBy(where, services).length > 0) return undefined
  const names = Object.keys(where)
  const known = services.flatMap(({ labels }) =>
    Object.entries(labels).flatMap(([name, value]) => (names.includes(name) ? [`${name}: ${value}`] : [])),
  )
  const there = [...new Set(known)].sort()
  if (there.length > 0) return `no service has these labels; there are ${there.join(', ')}`
  return `no service has a label ${names.join(' and ')}; write labels: { ${names[0]}: … } at services`
}

function chosenBy(where: Match, services: readonly Labelled[]): string[] {
  return services.filter(({ labels }) => matches(where, labels)).map(({ name }) => name)
}
