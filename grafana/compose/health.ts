import { readConfig } from '../../cli/context.ts'
import { latestSlot } from '../../pipeline/schedule.ts'
import { openSqlite } from '../../store/sqlite.ts'

/**
 * The container's health: exit code 0 if a refresh was done in the latest slot of the schedule or in the one before,
 * for the latest may still be running. A source or sink that failed is no reason to restart; the dashboard shows it.
 */
const path = process.env['DORADO_CONFIG'] ? 'dorado.yaml' : 'demo/dorado.yaml'
const { schedule, storePath } = readConfig(path)
const store = openSqlite({ path: storePath, readOnly: true, owner: 'health' })
const done = (await store.meta.lastDoneSlot('refresh')) ?? -Infinity
const slot = latestSlot(schedule, Date.now())
const before = slot === undefined ? undefined : latestSlot(schedule, slot - 1)
const isHealthy = done >= (before ?? slot ?? Infinity)
console.log(
  Number.isFinite(done) ? `last refresh: slot of ${new Date(done).toISOString()}` : 'no refresh was done yet',
)
process.exitCode = isHealthy ? 0 : 1
