import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Received } from '../core/loopback.ts'
import type { Engine } from './alerts-engine.ts'
import { firstSlot, type Expected } from './alerts-world.ts'
import { start, type Running } from './program.ts'

/** When an engine is killed: at a request of its life, or while it evaluates a slot of it. */
export type Moment =
  | { at: 'request'; count: number; when: 'before it is taken' | 'before the answer' | 'after the answer' }
  | { at: 'slot'; count: number; laterMs: number }

const moments = ['before it is taken', 'before the answer', 'after the answer'] as const

export function momentOf(random: () => number, requests = 40): Moment {
  if (random() < 0.3) return { at: 'slot', count: 1 + Math.floor(random() * 4), laterMs: random() * 8 }
  const when = moments[Math.floor(random() * moments.length)]!
  return { at: 'request', count: 1 + Math.floor(random() * requests), when }
}

/** The lives of an engine, one after the other, on one store. A receiver asks at each request what becomes of it. */
export function livesOf(engine: Omit<Engine, 'startsAt' | 'store'>, folder: string) {
  let clock = firstSlot
  let count = 0
  let present: { moment: Moment | undefined; kill: () => void } = { moment: undefined, kill: () => {} }
  const path = join(folder, 'dorado.db')

  /** Lives until the moment, or, without one, to the end; tells whether it was killed. */
  async function live(moment: Moment | undefined): Promise<boolean> {
    count = 0
    const whole: Engine = { ...engine, store: path, startsAt: clock }
    const file = join(import.meta.dirname, 'alerts-engine.ts')
    // What it loads is compiled once for all lives.
    const env = { NODE_COMPILE_CACHE: join(folder, 'compiled') }
    const running = start([JSON.stringify(whole)], { cwd: folder, env, file })
    present = { moment, kill: () => void running.child.kill('SIGKILL') }
    if (moment?.at === 'slot') killAtSlot(running, moment)
    const { signal, code, stderr, stdout } = await running.ended
    if (signal === null) expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const said = [...stdout.matchAll(/^slot \d+ (\d+)$/gm)].at(-1)?.[1]
    clock = Math.max(clock, Number(said ?? 0)) + 10_000
    return signal === 'SIGKILL'
  }

  /** When the engine is to be killed by this request, and how. */
  function fateOfRequest(): { when: (typeof moments)[number]; kill: () => void } | undefined {
    count += 1
    const { moment, kill } = present
    return moment?.at === 'request' && moment.count === count ? { when: moment.when, kill } : undefined
  }

  return { path, live, fateOfRequest }
}

function killAtSlot({ child }: Running, { count, laterMs }: Moment & { at: 'slot' }): void {
  let seen = 0
  child.stdout?.on('data', (text: string) => {
    const before = seen
    seen += text.split('slot ').length - 1
    if (before < count && seen >= count) void wait(laterMs).then(() => child.kill('SIGKILL'))
  })
}

/** What a webhook is sent, as far as the world knows of it. */
export function heardOf({ body }: Received): Expected & { key: string; status: string; title: string } {
  const { key, sentAt, labels, alerts, status, title } = JSON.parse(body) as {
    key: string
    sentAt: string
    status: string
    title: string
    labels: { team?: string }
    alerts: { labels: { service?: string }; status: string; severity: string }[]
  }
  return {
    key,
    status,
    title,
    team: labels.team ?? '',
    at: Date.parse(sentAt),
    alerts: alerts
      .map((each) => `${each.labels.service ?? ''} ${each.status} ${each.severity}`)
      .sort((a, b) => (a < b ? -1 : 1)),
  }
}
