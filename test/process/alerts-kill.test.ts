import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { openSqlite } from '../../store/sqlite.ts'
import { seeded } from '../alerts/seeded.ts'
import { listen, type Reply } from '../core/loopback.ts'
import { heardOf, livesOf, momentOf } from './alerts-lives.ts'
import { expectedOf, type Expected, type World } from './alerts-world.ts'
import { folders } from './program.ts'

/**
 * An engine that is killed again and again, in the middle of whatever it does, tells everything that it has to, to a
 * receiver that often does not want to hear it: nothing is lost, next to nothing comes twice, and nothing too early.
 */

const world: World = { teams: 12, servicesOfTeam: 3, slots: 150, seed: 20 }
const kills = 30
const temporary = folders()
afterAll(() => temporary.remove())

/** What a receiver does in one case of ten, but not more than twice with a message: it has no outage. */
const refusals = ['503', '429', 'reset', 'taken, and no answer'] as const

test(`${kills} kills lose nothing`, async () => {
  const heard: ReturnType<typeof heardOf>[] = []
  const refused = new Map<string, number>()
  const troubles = new Map<string, number>()
  const chance = seeded(7)
  const server = await listen(async (request): Promise<Reply | 'hang up'> => {
    const fate = lives.fateOfRequest()
    if (fate?.when === 'before it is taken') {
      fate.kill()
      return 'hang up'
    }
    const message = heardOf(request)
    const times = troubles.get(message.key) ?? 0
    const isRefused = chance() < 0.1 && times < 2
    const refusal = isRefused ? refusals[Math.floor(chance() * refusals.length)]! : undefined
    if (refusal !== undefined) {
      refused.set(refusal, (refused.get(refusal) ?? 0) + 1)
      troubles.set(message.key, times + 1)
    }
    if (refusal === undefined || refusal === 'taken, and no answer') heard.push(message)
    if (fate?.when === 'before the answer') fate.kill()
    if (fate?.when === 'after the answer') void wait(1).then(fate.kill)
    if (refusal === '503') return { status: 503 }
    if (refusal === '429') return { status: 429, headers: { 'retry-after': '2' } }
    return refusal === undefined ? {} : 'hang up'
  })
  // With the hours of the points between two slots nothing would ever wait.
  const lives = livesOf({ url: server.url, world, slotMs: 20_000, passes: 1 }, temporary.make())
  const random = seeded(world.seed)
  for (let kill = 0; kill < kills; kill += 1) expect(await lives.live(momentOf(random))).toBe(true)
  expect(await lives.live(undefined)).toBe(false)
  await server.close()

  const expected = expectedOf(world)
  expect(expected.messages.length).toBeGreaterThan(1000)
  // The world and the engine agree about what happened,
  const store = openSqlite({ path: lives.path, readOnly: true })
  const history = (await store.alerts.history(0)).map(({ at, body }) => {
    const { labels, kind } = JSON.parse(body) as { labels: { service: string }; kind: string }
    return `${at} ${labels.service} ${kind}`
  })
  store.close()
  expect(history.sort()).toEqual(
    expected.happened.map((each) => `${each.at} ${each.service} ${each.kind}`).sort(),
  )
  // and all of it was told,
  const firsts = new Map(heard.toReversed().map((each) => [each.key, each]))
  expect([...firsts.values()].map(told).sort()).toEqual(expected.messages.map(told).sort())
  // next to nothing twice,
  const unheard = refused.get('taken, and no answer') ?? 0
  expect(heard.length - firsts.size).toBeLessThanOrEqual(kills + unheard)
  // and every team heard it in its order.
  for (const [team, ofTeam] of Map.groupBy(heard, (each) => each.team)) {
    const times = ofTeam.map(({ at }) => at)
    expect({ team, times }).toEqual({ team, times: times.toSorted((a, b) => a - b) })
  }
  // The receiver was as bad as it should be.
  expect(refusals.map((each) => (refused.get(each) ?? 0) > 10)).toEqual([true, true, true, true])
})

function told({ team, at, alerts }: Expected): string {
  return `${team} ${new Date(at).toISOString()}: ${alerts.join(', ')}`
}
