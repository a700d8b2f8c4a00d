import type { Fact } from '../core/fact.ts'

/** Where a fact belongs: `repository:NAME`, `service:NAME`, or for incidents `incident:NAME-OR-ID`. */
export const repositoryScope = (name: string) => `repository:${name}`
export const serviceScope = (name: string) => `service:${name}`
export const incidentScope = (name: string) => `incident:${name}`
/** Incidents that name several services are found through the table incident_scopes. */
export const manyScope = 'incidents:several'
export const noScope = 'incidents:none'

export function nameOfScope(scope: string): string {
  return scope.slice(scope.indexOf(':') + 1)
}

/** The scopes of a fact: one, or for an incident one for each service that it names. */
export function scopesOf(fact: Fact): string[] {
  if (fact.kind === 'incident') {
    const named = new Set([...(fact.service === undefined ? [] : [fact.service]), ...(fact.services ?? [])])
    return named.size === 0 ? [noScope] : [...named].map(incidentScope)
  }
  if (fact.kind === 'deployment') {
    return [fact.service === undefined ? repositoryScope(fact.repository ?? '') : serviceScope(fact.service)]
  }
  return [repositoryScope(fact.repository)]
}

/** The instant by which a fact is looked for. */
export function instantOf(fact: Fact): number {
  switch (fact.kind) {
    case 'deployment':
      return fact.finishedAt ?? fact.startedAt ?? 0
    case 'change':
      return fact.mergedAt
    case 'commit':
      return fact.committedAt
    case 'incident':
    case 'run':
    case 'testReport':
      return fact.startedAt
  }
}

/** Whether it may still end, so that its source has to be asked again. */
export function isOpen(fact: Fact): boolean {
  if (fact.kind === 'incident') return fact.resolvedAt === undefined
  return (fact.kind === 'deployment' || fact.kind === 'run') && fact.outcome === 'running'
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
