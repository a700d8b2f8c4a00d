import { flushCompileCache } from 'node:module'
import { setImmediate as pass } from 'node:timers/promises'
import { webhook } from '../../alerts/channels/webhook.ts'
import { alertsSchema, routesTo } from '../../alerts/settings.ts'
import { createHttpClient } from '../../core/http-client.ts'
import { encodeFields, encodeSeries } from '../../core/line-protocol.ts'
import type { Io, Logger } from '../../core/io.ts'
import { alertAt } from '../../pipeline/alerts.ts'
import { sendAlerts } from '../../pipeline/send-alerts.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { optionsOf } from '../analyse.ts'
import { firstSlot, hourMs, servicesOf, type World } from './alerts-world.ts'

/**
 * Alerts on the numbers of a world, slot after slot, from where the store is, until everything is sent: what
 * `dorado start` does every hour. Its clock stands still but for its own pauses, so it does not depend on how fast the
 * machine is. Writes `slot 7 1773129600000` before it evaluates one.
 */
export interface Engine {
  store: string
  /** Of the channel that everything is told to. */
  url: string
  /** Of one that is told of outages only. */
  otherUrl?: string
  world: World
  /** From one evaluation to the next, and how often what waits is sent meanwhile. */
  slotMs: number
  passes: number
  /** What its clock shows at first, epoch ms. */
  startsAt: number
}

// It will hardly end by itself, which is when the cache would be written.
flushCompileCache()
const { store: path, url, otherUrl, world, slotMs, passes, startsAt } = JSON.parse(process.argv[2]!) as Engine
let now = startsAt
const silent = () => {}
const log: Logger = { debug: silent, info: silent, warn: silent, error: silent }
const { signal } = new AbortController()
const clock = () => now
async function sleep(ms: number): Promise<void> {
  now += ms
  await pass()
}
const http = createHttpClient({ sleep, signal, userAgent: 'dorado/test', log, clock, random: () => 0.5 })
const io: Io = { http, clock, sleep, log, signal }

const services = servicesOf(world)
const derivation = optionsOf({ services: services.map(({ name, team }) => ({ name, team })) }, firstSlot)
const { rules, routes } = alertsSchema.parse({
  rules: [{ name: 'fails', metric: 'changeFailRate', above: { warning: '15%', critical: '40%' } }],
})
const settings = { rules, routes: routesTo(['hook'], routes) }
const channels = [url, ...(otherUrl === undefined ? [] : [otherUrl])].map((address, index) =>
  webhook.make(index === 0 ? 'hook' : 'other', webhook.schema.parse({ url: address })),
)

const store = openSqlite({ path })
const last = await store.alerts.lastSlot()
const first = last === undefined ? 0 : (last - firstSlot) / hourMs + 1
if (first > 0) await sendUntil(first)
for (let slot = first; slot < world.slots; slot += 1) {
  const at = firstSlot + slot * hourMs
  const points = services.map(({ name, team, failed }) => pointOf(name, team, failed[slot], at))
  await store.points.save('world', points)
  process.stdout.write(`slot ${slot} ${now}\n`)
  await alertAt({ store, derivation }, settings, at, io)
  await sendUntil(slot + 1)
}
while ((await store.alerts.outbox()).some(({ waiting }) => waiting > 0)) {
  await sendAlerts(store, channels, io)
  await sleep(20_000)
}
store.close()

/** What waits is sent once at least, and until it is time for the next slot. */
async function sendUntil(slot: number): Promise<void> {
  do {
    await sendAlerts(store, channels, io)
    await sleep(slotMs / passes)
  } while (now < firstSlot + slot * slotMs)
}

function pointOf(service: string, team: string, failed: number | undefined, at: number) {
  const series = encodeSeries('dora_window', { environment: 'production', service, team, window: '30d' })
  const known = failed === undefined ? {} : { failed: { int: failed }, change_fail_rate: failed / 100 }
  return { series, at, nanos: 0, fields: encodeFields({ n: { int: 100 }, ...known }) }
}
