import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { openSqlite } from '../../store/sqlite.ts'
import { seeded } from '../alerts/seeded.ts'
import { listen, type Reply } from '../core/loopback.ts'
import { heardOf, livesOf, momentOf } from './alerts-lives.ts'
import { expectedOf, firstSlot, hourMs, type Expected, type World } from './alerts-world.ts'
import { folders } from './program.ts'

/**
 * A channel is down for a day, while the engine is killed again and again: whatever is collapsed and wherever it dies, in
 * the end the channel knows what fires, hears of nothing that it had never heard of, and the other one is told twice.
 */

const world: World = { teams: 8, servicesOfTeam: 3, slots: 72, seed: 3 }
/** As the hours of the points: the clock of the engine goes with them. */
const [downFrom, downUntil] = [firstSlot + 20.5 * hourMs, firstSlot + 40.5 * hourMs]
const kills = 24
const temporary = folders()
afterAll(() => temporary.remove())

type Heard = ReturnType<typeof heardOf>

test(`an outage and ${kills} kills leave the channel with what is so`, async () => {
  const heard: Heard[] = []
  const toldOther: Heard[] = []
  let killedInOutage = 0
  const server = await listen((request): Reply | 'hang up' => {
    const fate = lives.fateOfRequest()
    const at = Number(request.headers['webhook-timestamp']) * 1000
    const isDown = at >= downFrom && at < downUntil
    if (fate) {
      void wait(fate.when === 'after the answer' ? 1 : 0).then(fate.kill)
      if (isDown) killedInOutage += 1
      if (fate.when === 'before it is taken') return 'hang up'
    }
    if (isDown) return { status: 503 }
    heard.push(heardOf(request))
    return {}
  })
  const other = await listen((request) => {
    toldOther.push(heardOf(request))
    return {}
  })
  const lives = livesOf(
    { url: server.url, otherUrl: other.url, world, slotMs: hourMs, passes: 12 },
    temporary.make(),
  )
  const random = seeded(world.seed)
  for (let kill = 0; kill < kills; kill += 1) expect(await lives.live(momentOf(random, 12))).toBe(true)
  expect(await lives.live(undefined)).toBe(false)
  await server.close()
  await other.close()
  expect(killedInOutage).toBeGreaterThan(3)

  const { messages } = expectedOf(world)
  const once = [...new Map(heard.toReversed().map((each) => [each.key, each])).values()].toReversed()
  expect(heard.length - once.length).toBeLessThanOrEqual(kills)
  // What was told before the outage and after it is told whole,
  const isApart = ({ at }: Expected) => at < downFrom - hourMs || at > downUntil + hourMs
  expect(once.filter(isApart).map(told).sort()).toEqual(messages.filter(isApart).map(told).sort())
  // of what was to be told in it, less,
  const store = openSqlite({ path: lives.path, readOnly: true })
  const [hook] = await store.alerts.outbox()
  store.close()
  expect(hook).toMatchObject({ channel: 'hook', waiting: 0, givenUp: 0 })
  expect(once).toHaveLength(messages.length - hook!.collapsed)
  expect(hook!.collapsed).toBeGreaterThan(40)
  // every team in its order,
  for (const ofTeam of Map.groupBy(heard, (each) => each.team).values()) {
    const times = ofTeam.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  }
  // in the end what is so,
  const { firing, surprises } = knownBy(once)
  expect(firing).toEqual(knownBy(messages).firing)
  // and no end of what had not begun, but where a kill left open whether it was heard.
  expect(surprises.length).toBeLessThanOrEqual(killedInOutage * world.servicesOfTeam)
  // The other channel hears of the outage once, and of its end.
  const keys = new Map(toldOther.map((each) => [each.key, each]))
  expect(
    [...keys.values()].map(({ status, title }) => `${status}: ${title.replace(/ since .*/, '')}`),
  ).toEqual(['firing: Channel hook has taken nothing', 'resolved: Channel hook takes messages again'])
})

/** What somebody knows who has heard these messages, and the ends of what had not begun for them. */
function knownBy(messages: readonly Expected[]): { firing: string[]; surprises: string[] } {
  const firing = new Map<string, string>()
  const surprises: string[] = []
  for (const { alerts } of messages) {
    for (const alert of alerts) {
      const [service = '', status, severity = ''] = alert.split(' ')
      if (status === 'firing') firing.set(service, severity)
      else if (!firing.delete(service)) surprises.push(alert)
    }
  }
  return { firing: [...firing].map((each) => each.join(' ')).sort(), surprises }
}

function told({ team, at, alerts }: Expected): string {
  return `${team} ${new Date(at).toISOString()}: ${alerts.join(', ')}`
}
