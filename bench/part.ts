import { deriveChanges } from '../pipeline/derive.ts'
import { boundedGrowth } from '../pipeline/young-generation.ts'
import { openSqlite } from '../store/sqlite.ts'
import { insertPoints, scanFacts } from './bare.ts'
import { asOfHour } from './history.ts'
import { historyFacts, importAll, todayFacts } from './import.ts'
import { runPart, type Measured } from './measured.ts'
import { optionsFor } from './settings.ts'
import { median, stopwatch, type Took } from './stopwatch.ts'
import { timedStore } from './timed-store.ts'

/**
 * A process that goes on refreshes hour after hour, and for some hours it is still being compiled: the median is told of
 * so many with facts, and of so many without.
 */
const busyHours = 11
const idleHours = 5

export type PartName = keyof typeof parts

interface Paths {
  store: string
  copy: string
}

type Part = (paths: Paths, services: number) => Promise<Omit<Measured, 'peakMiB'>>

const parts = {
  import: async ({ store: path }, services) => {
    const store = openSqlite({ path })
    const stored = await importAll(store, historyFacts(services))
    store.close()
    return stored
  },
  scan: async ({ store }, services) => scanFacts(store, services),
  derive: async ({ store: path }, services) => {
    const opened = openSqlite({ path })
    const { store, times } = timedStore(opened)
    const options = optionsFor(services, asOfHour(0))
    const took = stopwatch()
    const { points } = await deriveChanges(store, options)
    const time = took()
    opened.close()
    return { ...time, ...times, rows: points }
  },
  inserts: async ({ store, copy }) => insertPoints(store, copy),
  today: async ({ store: path }, services) => {
    const store = openSqlite({ path })
    const stored = await importAll(store, todayFacts(services, 1))
    store.close()
    return stored
  },
  refresh: async ({ store: path }, services) => {
    const store = openSqlite({ path })
    // A process reads its configuration once.
    const { catalogue } = optionsFor(services, asOfHour(0))
    const refresh = async (hour: number) => {
      const options = { ...optionsFor(services, asOfHour(hour)), catalogue }
      const took = stopwatch()
      const { points } = await deriveChanges(store, options)
      return { ...took(), rows: points }
    }
    // As `dorado start` does between two refreshes.
    const bound = boundedGrowth()
    const first = await refresh(1)
    const busy: Took[] = []
    const idle: Took[] = []
    for (let hour = 2; hour < 2 + busyHours; hour += 1) {
      await importAll(store, todayFacts(services, hour))
      busy.push(await refresh(hour))
      bound()
    }
    const idleFrom = 2 + busyHours
    for (let hour = idleFrom; hour < idleFrom + idleHours; hour += 1) {
      idle.push(await refresh(hour))
      bound()
    }
    store.close()
    return { ...first, again: median(busy), idle: median(idle) }
  },
} satisfies Record<string, Part>

if (import.meta.main) {
  await runPart(parts, (part, [store = '', copy = '', services = '']) =>
    part({ store, copy }, Number(services)),
  )
}
