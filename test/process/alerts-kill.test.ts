import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { openSqlite } from '../../store/sqlite.ts'
import { seeded } from '../alerts/seeded.ts'
import { listen, type Received, type Reply } from '../core/loopback.ts'
import type { Engine } from './alerts-engine.ts'
import { expectedOf, firstSlot, type Expected, type World } from './alerts-world.ts'
import { folders, start, type Running } from './program.ts'

/**
 * An engine that is killed again and again, in the middle of whatever it does, tells everything that it has to, to a
 * receiver that often does not want to hear it: nothing is lost, next to nothing comes twice, and nothing too early.
 */

const world: World = { teams: 12, servicesOfTeam: 3, slots: 150, seed: 20 }
const kills = 30
const temporary = folders()
afterAll(() => temporary.remove())

/** When an engine is killed: at a request of its life, or while it evaluates a slot of it. */
type Moment =
  | { at: 'request'; count: number; when: 'before it is taken' | 'before the answer' | 'after the answer' }
  | { at: 'slot'; count: number; laterMs: number }

const moments = ['before it is taken', 'before the answer', 'after the answer'] as const

function momentOf(random: () => number): Moment {
  if (random() < 0.3) return { at: 'slot', count: 1 + Math.floor(random() * 4), laterMs: random() * 8 }
  const when = moments[Math.floor(random() * moments.length)]!
  return { at: 'request', count: 1 + Math.floor(random() * 40), when }
}

/** What a receiver does in one case of ten. */
const refusals = ['503', '429', 'reset', 'taken, and no answer'] as const

class Receiver {
  readonly heard: (Expected & { key: string })[] = []
  readonly refused = new Map<string, number>()
  /** Called with how many requests the engine has sent in this life. */
  onRequest: (count: number) => Moment | undefined = () => undefined
  kill: () => void = () => {}
  private count = 0
  private readonly random = seeded(7)

  begin(): void {
    this.count = 0
  }

  answer = async ({ body }: Received): Promise<Reply | 'hang up'> => {
    this.count += 1
    const moment = this.onRequest(this.count)
    const when = moment?.at === 'request' ? moment.when : undefined
    if (when === 'before it is taken') {
      this.kill()
      return 'hang up'
    }
    const refusal = this.random() < 0.1 ? refusals[Math.floor(this.random() * refusals.length)]! : undefined
    if (refusal !== undefined) this.refused.set(refusal, (this.refused.get(refusal) ?? 0) + 1)
    if (refusal === undefined || refusal === 'taken, and no answer') this.take(body)
    if (when === 'before the answer') this.kill()
    if (when === 'after the answer') void wait(1).then(() => this.kill())
    if (refusal === '503') return { status: 503 }
    if (refusal === '429') return { status: 429, headers: { 'retry-after': '2' } }
    return refusal === undefined ? {} : 'hang up'
  }

  private take(body: string): void {
    const { key, sentAt, labels, alerts } = JSON.parse(body) as {
      key: string
      sentAt: string
      labels: { team: string }
      alerts: { labels: { service: string }; status: string; severity: string }[]
    }
    this.heard.push({
      key,
      team: labels.team,
      at: Date.parse(sentAt),
      alerts: alerts.map((each) => `${each.labels.service} ${each.status} ${each.severity}`).sort(),
    })
  }
}

test(`${kills} kills lose nothing`, async () => {
  const receiver = new Receiver()
  const server = await listen(receiver.answer)
  const folder = temporary.make()
  const path = join(folder, 'dorado.db')
  const random = seeded(world.seed)
  let clock = firstSlot
  /** One life of the engine; tells whether it was killed. */
  async function live(moment: Moment | undefined): Promise<boolean> {
    receiver.begin()
    const engine: Engine = { store: path, url: server.url, world, startsAt: clock }
    const file = join(import.meta.dirname, 'alerts-engine.ts')
    // What it loads is compiled once for all lives.
    const env = { NODE_COMPILE_CACHE: join(folder, 'compiled') }
    const running = start([JSON.stringify(engine)], { cwd: folder, env, file })
    receiver.kill = () => void running.child.kill('SIGKILL')
    receiver.onRequest = (count) => (count === moment?.count ? moment : undefined)
    if (moment?.at === 'slot') killAtSlot(running, moment)
    const { signal, code, stderr, stdout } = await running.ended
    if (signal === null) expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const said = [...stdout.matchAll(/^slot \d+ (\d+)$/gm)].at(-1)?.[1]
    clock = Math.max(clock, Number(said ?? 0)) + 60_000
    return signal === 'SIGKILL'
  }
  for (let kill = 0; kill < kills; kill += 1) expect(await live(momentOf(random))).toBe(true)
  expect(await live(undefined)).toBe(false)
  await server.close()

  const expected = expectedOf(world)
  expect(expected.messages.length).toBeGreaterThan(1000)
  // The world and the engine agree about what happened,
  const store = openSqlite({ path, readOnly: true })
  const history = (await store.alerts.history(0)).map(({ at, body }) => {
    const { labels, kind } = JSON.parse(body) as { labels: { service: string }; kind: string }
    return `${at} ${labels.service} ${kind}`
  })
  store.close()
  expect(history.sort()).toEqual(
    expected.happened.map((each) => `${each.at} ${each.service} ${each.kind}`).sort(),
  )
  // and all of it was told,
  const firsts = new Map(receiver.heard.toReversed().map((each) => [each.key, each]))
  expect([...firsts.values()].map(told).sort()).toEqual(expected.messages.map(told).sort())
  // next to nothing twice,
  const unheard = receiver.refused.get('taken, and no answer') ?? 0
  expect(receiver.heard.length - firsts.size).toBeLessThanOrEqual(kills + unheard)
  // and every team heard it in its order.
  for (const [team, heard] of Map.groupBy(receiver.heard, (each) => each.team)) {
    const times = heard.map(({ at }) => at)
    expect({ team, times }).toEqual({ team, times: times.toSorted((a, b) => a - b) })
  }
  // The receiver was as bad as it should be.
  expect(refusals.map((each) => (receiver.refused.get(each) ?? 0) > 10)).toEqual([true, true, true, true])
})

function killAtSlot({ child }: Running, { count, laterMs }: Moment & { at: 'slot' }): void {
  let seen = 0
  child.stdout?.on('data', (text: string) => {
    const before = seen
    seen += text.split('slot ').length - 1
    if (before < count && seen >= count) void wait(laterMs).then(() => child.kill('SIGKILL'))
  })
}

function told({ team, at, alerts }: Expected): string {
  return `${team} ${new Date(at).toISOString()}: ${alerts.join(', ')}`
}
