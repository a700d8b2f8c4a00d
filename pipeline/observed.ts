import type { FactKind } from '../core/fact.ts'
import type { ServiceSettings } from '../core/service.ts'
import type { SourceState } from '../store/store.ts'
import type { ObservedFacts } from './derive-options.ts'

/** What is asked of a source here; every extractor is one. */
export interface ObservedSource {
  name: string
  yields: readonly FactKind[]
  covers?(repository: string): boolean
}

/**
 * Until when each service was observed: the last complete refresh of the sources that it needs, never later than
 * `asOf`. A service that no source covers is pushed or imported, and is observed until `asOf`.
 */
export function observedBy(
  sources: readonly ObservedSource[],
  states: ReadonlyMap<string, SourceState>,
  asOf: number,
): (settings: ServiceSettings) => ObservedFacts {
  return (settings) => {
    const until = (kinds: readonly FactKind[]) =>
      sources
        .filter(
          (source) => kinds.some((kind) => source.yields.includes(kind)) && concerns(source, settings, kinds),
        )
        .reduce((least, { name }) => Math.min(least, states.get(name)?.completeUntil ?? 0), asOf)
    return {
      until: until(['deployment']),
      changesUntil: until(['change', 'commit']),
      incidentsUntil: until(['incident']),
      runsUntil: until(['run']),
      testsUntil: until(['testReport']),
    }
  }
}

/** Incidents reach a service by the ids it lists; everything else by its repositories. */
export function concerns(
  source: ObservedSource,
  settings: ServiceSettings,
  kinds: readonly FactKind[],
): boolean {
  if (source.covers === undefined) {
    return !kinds.includes('incident') || settings.incidentServices.length > 0 || source.yields.length > 1
  }
  // A service that only facts name has the name of its repository.
  const repositories = settings.repositories.length > 0 ? settings.repositories : [settings.name]
  return repositories.some((repository) => source.covers!(repository))
}
