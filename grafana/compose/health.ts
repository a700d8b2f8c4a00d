import { readConfig } from '../../cli/context.ts'
import { messageOf } from '../../core/errors.ts'
import { latestSlot } from '../../pipeline/schedule.ts'
import { openSqlite } from '../../store/sqlite.ts'

/**
 * The container's health: exit code 0 if a refresh was done in the latest slot of the schedule or in the one before,
 * for the latest may still be running. A source or sink that failed is no reason to restart; the dashboard shows it.
 */
try {
  const { schedule, storePath } = readConfig(
    process.env['DORADO_CONFIG'] ? 'dorado.yaml' : 'demo/dorado.yaml',
  )
  const store = openSqlite({ path: storePath, readOnly: true, owner: 'health' })
  const done = (await store.meta.lastDoneSlot('refresh')) ?? -Infinity
  const slot = latestSlot(schedule, Date.now()) ?? Infinity
  const before = latestSlot(schedule, slot - 1) ?? slot
  const told =
    done === -Infinity ? 'no refresh was done yet' : `last refresh: slot of ${new Date(done).toISOString()}`
  process.stdout.write(`${told}\n`)
  process.exitCode = done >= before ? 0 : 1
} catch (error) {
  process.stdout.write(`${messageOf(error)}\n`)
  process.exitCode = 1
}
