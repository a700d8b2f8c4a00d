import type { Fact } from '../core/fact.ts'
import type { Store } from '../store/store.ts'
import { historyOf, todayOf } from './history.ts'
import { nothing, plus, stopwatch, type Took } from './stopwatch.ts'

const factsAtOnce = 5000
/** In so many services something happens in an hour. */
const busyServices = 100

export function* historyFacts(services: number): Generator<Fact> {
  for (let service = 0; service < services; service += 1) yield* historyOf(service)
}

/** What an hour of today brings: a deployment in each of at most a hundred services, some of them with something new. */
export function* todayFacts(services: number, hour: number): Generator<Fact> {
  const step = Math.max(1, Math.floor(services / busyServices))
  for (let service = 0; service < services; service += step) yield* todayOf(service, hour)
}

/** Stores the facts in pages; returns how many, and the milliseconds in the store. */
export async function importAll(store: Store, facts: Iterable<Fact>): Promise<Took & { rows: number }> {
  let rows = 0
  let time = nothing
  let page: Fact[] = []
  const save = async () => {
    const took = stopwatch()
    await store.facts.save({ facts: page })
    time = plus(time, took())
    rows += page.length
    page = []
  }
  for (const fact of facts) {
    if (page.push(fact) === factsAtOnce) await save()
  }
  if (page.length > 0) await save()
  return { ...time, rows }
}
