import { expect, test } from 'vitest'
import type { Io } from '../../core/io.ts'
import { latestSlot, runSchedule } from '../../pipeline/schedule.ts'
import { openSqlite } from '../../store/sqlite.ts'

const at = (text: string) => Date.parse(`${text}Z`)

test.each([
  ['0 * * * *', '2026-03-10T10:30:10', '2026-03-10T10:00:00'],
  ['0 * * * *', '2026-03-10T10:00:00', '2026-03-10T10:00:00'],
  ['*/15 6-8 * * 1-5', '2026-03-15T12:00:00', '2026-03-13T08:45:00'],
  ['30 2 1 * *', '2026-03-10T10:00:00', '2026-03-01T02:30:00'],
])('the latest slot of "%s" at %s is %s', (schedule, now, slot) => {
  expect(latestSlot(schedule, at(now))).toBe(at(slot))
})

test('a schedule that names no minute of the last weeks has none', () => {
  expect(latestSlot('0 0 29 2 *', at('2026-03-30T00:00:00'))).toBeUndefined()
})

function ioAt(now: number, signal: AbortSignal): Io {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const http = { request: () => Promise.reject(new Error('no network here')), sent: 0 }
  return { http, clock: () => now, sleep: () => Promise.resolve(), log, signal }
}

/** Runs the schedule until its first tick is over; says how often it ran. */
async function runOnce(
  store: ReturnType<typeof openSqlite>,
  now: number,
  run: () => Promise<void>,
): Promise<number> {
  const stop = new AbortController()
  let runs = 0
  const io = ioAt(now, stop.signal)
  const scheduled = runSchedule({
    store,
    schedule: '0 * * * *',
    io,
    run: async () => {
      runs += 1
      await run()
    },
  })
  // The first tick asks the store, runs and records the slot: a few turns of the event loop.
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
  stop.abort()
  await scheduled
  return runs
}

test('a missed slot is run once at the start, a done one is not run again, an unfinished one is', async () => {
  const store = openSqlite({ path: ':memory:' })
  const fine = () => Promise.resolve()
  expect(await runOnce(store, at('2026-03-10T10:30:00'), fine)).toBe(1)
  expect(await runOnce(store, at('2026-03-10T10:59:00'), fine)).toBe(0)
  expect(await runOnce(store, at('2026-03-10T15:10:00'), () => Promise.reject(new Error('crash')))).toBe(1)
  expect(await runOnce(store, at('2026-03-10T15:20:00'), fine)).toBe(1)
  expect(await store.meta.lastDoneSlot('refresh')).toBe(at('2026-03-10T15:00:00'))
  store.close()
})
