import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseFact } from '../../core/fact-json.ts'
import type { ServiceSettings } from '../../core/service.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import type { DeriveOptions } from '../../pipeline/derive-options.ts'
import type { Observed } from '../../pipeline/window-update.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'
import type { Life } from './lives.ts'
import type { Moment } from './moments.ts'
import { mortal } from './mortal.ts'

/** A store after a refresh, and what the refresh was made with. */
export interface Refreshed {
  store: Store
  options: DeriveOptions
  at: number
  position: number
}

/**
 * Plays a life through store and derivation; `look` sees the store after each refresh. A new process is a store on
 * a file that is closed and opened again, so that nothing is kept in memory.
 */
export async function play(life: Life, look: (refreshed: Refreshed) => Promise<void>): Promise<void> {
  const endsProcesses = life.moments.some(({ isNewProcess }) => isNewProcess)
  const folder = endsProcesses ? await mkdtemp(join(tmpdir(), 'dorado-life-')) : null
  const path = folder === null ? ':memory:' : join(folder, 'dorado.db')
  const observe = observing()
  let { store, dieAfter } = mortal(openSqlite({ path }))
  try {
    for (const [position, moment] of life.moments.entries()) {
      if (moment.isNewProcess) {
        store.close()
        ;({ store, dieAfter } = mortal(openSqlite({ path })))
      }
      const facts = moment.facts.map((line) => parseFact(line))
      await store.facts.save({ facts, removals: moment.removals })
      const options = { ...optionsOf(moment.config, moment.at), observed: observe(moment) }
      if (moment.diesAfter !== null) {
        dieAfter(moment.diesAfter)
        await deriveChanges(store, options).catch(() => {})
        dieAfter(null)
      }
      await deriveChanges(store, options)
      await look({ store, options, at: moment.at, position })
    }
  } finally {
    store.close()
    if (folder !== null) await rm(folder, { recursive: true })
  }
}

/** Until when the sources of a service are read: as far behind as the moment says, and never back. */
function observing(): (moment: Moment) => (settings: ServiceSettings) => Observed {
  const furthest = new Map<string, Observed>()
  return ({ at, lags }) =>
    ({ name }) => {
      const lag = lags[['checkout', 'web', 'api'].indexOf(name)] ?? { all: 0, changes: 0, incidents: 0 }
      const before = furthest.get(name)
      const until = Math.max(at - lag.all, before?.until ?? 0)
      const observed = {
        until,
        changesUntil: Math.max(until - lag.changes, before?.changesUntil ?? 0),
        incidentsUntil: Math.max(until - lag.incidents, before?.incidentsUntil ?? 0),
      }
      furthest.set(name, observed)
      return observed
    }
}
