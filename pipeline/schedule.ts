import { schedule as scheduleTask } from 'node-cron'
import { cronMatcher } from '../core/cron.ts'
import { messageOf } from '../core/errors.ts'
import type { Io } from '../core/io.ts'
import type { Store } from '../store/store.ts'

const minuteMs = 60_000
/** How far back a slot is looked for: a schedule that is rarer than this is run when its minute comes. */
const lookBackMs = 40 * 86_400_000

/** The latest minute up to `now` that the schedule names, undefined where there is none near. UTC. */
export function latestSlot(schedule: string, now: number): number | undefined {
  const matches = cronMatcher(schedule)
  const last = Math.floor(now / minuteMs) * minuteMs
  for (let slot = last; slot > last - lookBackMs; slot -= minuteMs) if (matches(slot)) return slot
  return undefined
}

export interface Scheduled {
  store: Store
  schedule: string
  io: Io
  /** Told of the slot that is due; runs one at a time. */
  run: () => Promise<void>
  /** What there is to do in a minute in which nothing is due, never beside a run. */
  between?: () => Promise<void>
}

/**
 * Runs the due slots until the signal is aborted: node-cron only ticks, which slot is due is read from the store.
 * So a slot that was missed, while the process was down or busy, is run once as soon as it can be; and one that
 * was begun and never ended is run again. Resolves when the last run has ended.
 */
export async function runSchedule({ store, schedule, io, run, between }: Scheduled): Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let isRunning = false

  async function runDue(): Promise<void> {
    const slot = latestSlot(schedule, io.clock())
    if (slot === undefined || slot <= ((await store.meta.lastDoneSlot('refresh')) ?? -Infinity)) {
      await between?.()
      return
    }
    await store.meta.claimSlot('refresh', slot, io.clock())
    await run()
    await store.meta.endSlot('refresh', slot, io.clock())
  }

  function tick(): void {
    if (isRunning || io.signal.aborted) return
    isRunning = true
    running = runDue()
      .catch((error: unknown) => {
        if (!io.signal.aborted) io.log.error(`refresh: ${messageOf(error)}`)
      })
      .finally(() => {
        isRunning = false
      })
  }

  const ticker = scheduleTask('* * * * *', tick, { timezone: 'Etc/UTC', missedExecutionTolerance: minuteMs })
  tick()
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve()
    io.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await ticker.destroy()
  await running
}
