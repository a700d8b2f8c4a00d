import type { Store } from '../store/store.ts'
import { changesSince } from './changes.ts'
import { deriveCi, resetCi } from './ci-derivation.ts'
import type { DeriveOptions, DeriveResult } from './derive-options.ts'
import { stampOf } from './stamp.ts'
import { deriveFlaky, resetFlaky } from './flaky-derivation.ts'
import { createHistories, forgetSeen } from './histories.ts'
import { createPools } from './pools.ts'
import { createServices } from './service-derivation.ts'
import { serviceNames } from './service-names.ts'

export { serviceNames } from './service-names.ts'

/** For how long it is known what was restated. */
const restatementsKeptMs = 400 * 86_400_000

/** How many services are derived anew in one transaction. */
const servicesAtOnce = 20

/**
 * Brings the stored points in line with the stored facts: derives the services whose facts changed, advances
 * the windows of all others to the present, and pools teams and the organisation. The result is the same as
 * that of a rebuild. A crash leaves work to do again, and nothing else.
 */
export async function deriveChanges(store: Store, options: DeriveOptions): Promise<DeriveResult> {
  try {
    const derived = await derivePass(store, options)
    derived.points += await deriveCi(store, options)
    derived.points += await deriveFlaky(store, options)
    return derived
  } catch (error) {
    forgetSeen(store)
    throw error
  }
}

async function derivePass(store: Store, options: DeriveOptions): Promise<DeriveResult> {
  const { catalogue } = options
  const seq = await store.facts.lastSeq()
  const derivedSeq = Number((await store.meta.get('derived_seq')) ?? 0)
  const changes = await changesSince(store, catalogue, derivedSeq)
  const names = await serviceNames(store, catalogue)
  const histories = createHistories(store, catalogue)
  const services = createServices({ store, options, histories, changes, derivedSeq, seq })
  await services.load(names)

  const anew = names.filter((name) => services.needsDerivingAnew(name))
  const teams = names.map((name) => [name, catalogue.settingsOf(name).team])
  const catalogueStamp = stampOf([options.timezone, teams])
  const isOtherCatalogue = (await store.meta.get('catalogue')) !== catalogueStamp
  if (anew.length > 0 || isOtherCatalogue) await store.meta.set('pools_stale', '1')

  const result: DeriveResult = { services: anew.length, points: 0 }
  // Services of one repository follow each other, so that it is loaded once.
  const repositoryOf = (name: string) => catalogue.settingsOf(name).repositories[0] ?? name
  anew.sort((a, b) => (repositoryOf(a) < repositoryOf(b) ? -1 : 1))
  for (let from = 0; from < anew.length; from += servicesAtOnce) {
    await store.write(async () => {
      for (const name of anew.slice(from, from + servicesAtOnce)) {
        result.points += await services.deriveAnew(name)
      }
      await services.saveWritten()
    })
    if (anew.length > servicesAtOnce) histories.release()
  }

  await store.write(async () => {
    const isAnew = new Set(anew)
    const others = names.filter((name) => !isAnew.has(name))
    for (const name of others) {
      if (!services.isTouched(name)) continue
      result.points += await services.restate(name)
      result.services += 1
    }
    result.points += await services.advance(others.filter((name) => !services.isTouched(name)))
    services.finishRepositories()
    await services.saveWritten()
    if (isOtherCatalogue) result.points += await services.removeOthers(names)
    const pools = createPools({ store, options, ...services })
    result.points += await pools.update((await store.meta.get('pools_stale')) === '1')
    await store.restatements.forgetBefore(options.at - restatementsKeptMs)
    await store.meta.set('pools_stale', '0')
    await store.meta.set('catalogue', catalogueStamp)
    await store.meta.set('derived_seq', String(seq))
  })
  return result
}

/** Forgets what was kept and derives everything from the stored facts; points that stay the same stay unsent. */
export async function rebuild(store: Store, options: DeriveOptions): Promise<DeriveResult> {
  forgetSeen(store)
  await store.write(async () => {
    await store.histories.removeAll()
    await resetCi(store)
    await resetFlaky(store)
    await store.meta.set('pools_stale', '1')
    await store.meta.set('catalogue', '')
  })
  return deriveChanges(store, options)
}
