import { alertsSchema, routesTo, type AlertSettings } from '../../alerts/settings.ts'
import { parseFact } from '../../core/fact-json.ts'
import type { Fact } from '../../core/fact.ts'
import { alertAt } from '../../pipeline/alerts.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'

/** Services that deploy every noon from the first of September on; it is six o'clock of the first of November. */
export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
export const now = Date.parse('2026-11-01T06:00:00Z')
export const noonOf = (day: number) => Date.parse('2026-09-01T12:00:00Z') + day * dayMs

interface Named {
  name: string
  environments?: readonly string[]
}

/** Where nothing else is said. */
const only = 'production'

export function deploymentOn(day: number, service = 'shop', environment = only): Fact {
  const at = new Date(noonOf(day)).toISOString()
  return parseFact({
    kind: 'deployment',
    source: 'push',
    id: idOf(day, service, environment),
    service,
    environment,
    version: `1.${day}`,
    firstCommitAt: at,
    finishedAt: at,
    outcome: 'success',
    url: `https://ci.example.com/${service}/${day}`,
  })
}

function idOf(day: number, service: string, environment: string): string {
  return environment === only ? `${service}-${day}` : `${service}-${environment}-${day}`
}

/** An incident that the deployment of a day caused. */
export function incidentAfter(day: number, service = 'shop', environment = only): Fact {
  return parseFact({
    kind: 'incident',
    source: 'pager',
    id: environment === only ? `Q${day}` : `${environment}-Q${day}`,
    service,
    startedAt: new Date(noonOf(day) + 90 * 60_000).toISOString(),
    resolvedAt: new Date(noonOf(day) + 120 * 60_000).toISOString(),
    causedBy: { deploymentId: idOf(day, service, environment) },
    ...(environment === only ? {} : { environment }),
  })
}

/** One more deployment at that instant that failed, with its incident. */
export function failureAt(at: number, service = 'shop', environment = only): Fact[] {
  const id = `failed-${service}-${at}`
  const deployment = {
    ...deploymentOn(0, service, environment),
    id,
    version: id,
    startedAt: at,
    finishedAt: at,
  }
  const incident = { ...incidentAfter(0, service, environment), id: `of-${id}`, startedAt: at }
  return [deployment, { ...incident, resolvedAt: at + 60_000, causedBy: { deploymentId: id } }] as Fact[]
}

/** A store with all that these services had deployed by now. */
export async function storeOf(services: readonly Named[]): Promise<Store> {
  const store = openSqlite({ path: ':memory:' })
  const facts = services.flatMap(({ name, environments = [only] }) =>
    environments.flatMap((environment) =>
      Array.from({ length: 61 }, (_, day) => deploymentOn(day, name, environment)),
    ),
  )
  await store.facts.save({ facts })
  return store
}

function settings(rule: object): AlertSettings {
  const { rules } = alertsSchema.parse({
    rules: [{ name: 'fails', metric: 'changeFailRate', above: '15%', test: 'naive', ...rule }],
  })
  return { ...alertsSchema.parse({}), rules, routes: routesTo(['chat'], []) }
}

interface Page {
  facts?: readonly Fact[]
  rule?: object
  isDry?: boolean
}

/** What came in, derived and evaluated as a refresh so many hours from now does it: the alerts that are told. */
export function hoursOf(store: Store, services: readonly Named[]) {
  const config = { timezone: 'UTC', since: '2026-09-01', services }
  return async (hours: number, { facts = [], rule = {}, isDry = false }: Page = {}) => {
    const at = now + hours * hourMs
    if (facts.length > 0) await store.facts.save({ facts: [...facts] })
    const options = optionsOf(config, at)
    await deriveChanges(store, options)
    const pipeline = { store, derivation: options }
    const { planned } = await alertAt(pipeline, settings(rule), at, { clock: () => at }, { isDry })
    return planned.messages.flatMap(({ message }) => message.alerts)
  }
}
