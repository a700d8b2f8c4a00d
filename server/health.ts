import { isoOf } from '../core/calendar.ts'
import { behindBefore } from '../pipeline/quality.ts'
import type { Routes } from './context.ts'

/** Whether refreshes end as they should: 200 where they do, 503 where none did for two intervals of the schedule. */
export const health: Routes = (app, { pipeline: { store, schedule }, clock, startedAt }) => {
  app.get('/health', async (_, reply) => {
    const now = clock()
    const slot = await store.meta.lastDoneSlot('refresh')
    const before = behindBefore(schedule, now) ?? -Infinity
    // A process that has just begun is given its time.
    const ok = Math.max(slot ?? -Infinity, startedAt) >= before
    return reply.code(ok ? 200 : 503).send({
      ok,
      lastSlot: slot === undefined ? null : isoOf(slot),
      ageSeconds: slot === undefined ? null : Math.round((now - slot) / 1000),
    })
  })
}
