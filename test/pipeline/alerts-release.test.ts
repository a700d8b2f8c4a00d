import { afterEach, describe, expect, test } from 'vitest'
import type { AlertMessage } from '../../alerts/message.ts'
import { tellReleased } from '../../pipeline/alerts-release.ts'
import { saveSilence } from '../../pipeline/silences.ts'
import { play, type Played } from './alerts-played.ts'

const minuteMs = 60_000
const start = Date.UTC(2026, 2, 10, 8)
const rules = [{ name: 'fails', metric: 'changeFailRate', above: '15%' }]
let played: Played
afterEach(() => played.store.close())

/** What is told so many minutes after the first hour, between evaluations. */
async function told(minutes: number): Promise<string[]> {
  const { pipeline, settings, store } = played
  const now = start + minutes * minuteMs
  const count = await tellReleased(pipeline, settings, { clock: () => now })
  const messages: string[] = []
  for (let next = await claim(now); next !== undefined; next = await claim(now)) {
    const { alerts, status } = JSON.parse(next.body) as AlertMessage
    messages.push(`${status}: ${alerts.map(({ labels }) => labels['service']).join(', ')}`)
    await store.alerts.sent(next.id, undefined, now, -Infinity)
  }
  expect(count).toBe(messages.length)
  return messages
}
const claim = (now: number) => played.store.alerts.claim('chat', now, now + minuteMs)

async function evaluated(hour: number, failed: Record<string, number>): Promise<string[]> {
  for (const [service, count] of Object.entries(failed)) await played.fails(hour, count, service)
  const messages = await played.told(hour)
  // They are on their way: what is looked at here comes after them.
  for (
    let next = await claim(start + hour * 60 * minuteMs);
    next;
    next = await claim(start + hour * 60 * minuteMs)
  )
    await played.store.alerts.sent(next.id, undefined, start, -Infinity)
  return messages
}

describe('between evaluations', () => {
  test('what a mute time kept quiet is told when it ends, once', async () => {
    played = play({
      start,
      alerts: {
        rules,
        routes: [{ channels: 'chat', mute: 'breakfast', repeat: '10m' }],
        muteTimes: [{ name: 'breakfast', times: '08:00-08:30' }],
      },
    })
    expect(await evaluated(0, { shop: 30 })).toEqual([])
    expect(await told(29)).toEqual([])
    expect(await told(30)).toEqual(['firing: shop'])
    // Its repetition is left to the evaluations.
    expect(await told(45)).toEqual([])
    expect(await evaluated(1, { shop: 5 })).toEqual(['chat resolved: shop fails resolved'])
    expect(await told(65)).toEqual([])
  })

  test('what a silence kept quiet is told when it is ended, beside what was told', async () => {
    played = play({ start, alerts: { rules } })
    const silence = { id: 'a', match: { service: ['shop'] }, from: start, until: start + 999 * minuteMs }
    await saveSilence(played.store.alerts, { ...silence, comment: '' })
    expect(await evaluated(0, { shop: 30, blog: 30 })).toEqual(['chat firing: blog fails'])
    expect(await told(5)).toEqual([])
    await played.store.alerts.removeSilence('a')
    expect(await told(6)).toEqual(['firing: blog, shop'])
    expect(await told(7)).toEqual([])
    // The slot that comes next is evaluated as ever.
    expect(await evaluated(1, { shop: 30, blog: 5 })).toEqual([
      'chat firing: shop fails, blog fails resolved',
    ])
  })

  test('what is no more in the configuration is left to the next evaluation, which says why', async () => {
    played = play({ start, alerts: { rules: [...rules, { ...rules[0], name: 'fails, too', above: '20%' }] } })
    await evaluated(0, { shop: 30 })
    const { settings } = played
    played = { ...played, settings: { ...settings, rules: settings.rules.slice(0, 1) } }
    expect(await told(5)).toEqual([])
  })
})
