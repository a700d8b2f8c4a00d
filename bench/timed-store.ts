import type { PointStore, Store } from '../store/store.ts'
import { minus, nothing, plus, stopwatch, type Took } from './stopwatch.ts'

/** What goes into the store while something else is measured. */
export interface StoreTimes {
  /** Writing points, and what is kept for the next refresh. */
  points: Took
  /** Beginning and committing transactions. */
  transactions: Took
}

/** The store with the time noted that goes into points and transactions. */
export function timedStore(store: Store): { store: Store; times: StoreTimes } {
  const times: StoreTimes = { points: nothing, transactions: nothing }

  async function timed<Result>(work: () => Promise<Result>): Promise<Result> {
    const took = stopwatch()
    const result = await work()
    times.points = plus(times.points, took())
    return result
  }

  const points: PointStore = {
    ...store.points,
    save: (owner, list) => timed(() => store.points.save(owner, list)),
    saveAll: (groups) => timed(() => store.points.saveAll(groups)),
    replaceAll: (owner, list) => timed(() => store.points.replaceAll(owner, list)),
    remove: (list) => timed(() => store.points.remove(list)),
  }
  const histories: Store['histories'] = {
    ...store.histories,
    save: (scope, history) => timed(() => store.histories.save(scope, history)),
  }
  const write: Store['write'] = async (work) => {
    let inside = nothing
    const took = stopwatch()
    const result = await store.write(async () => {
      const tookInside = stopwatch()
      const done = await work()
      inside = tookInside()
      return done
    })
    times.transactions = plus(times.transactions, minus(took(), inside))
    return result
  }
  return { store: { ...store, points, histories, write }, times }
}
