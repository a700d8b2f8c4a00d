import { afterEach, expect, test } from 'vitest'
import { statusText } from '../../cli/alerts-text.ts'
import { alertStatus } from '../../pipeline/alert-status.ts'
import { saveSilence } from '../../pipeline/silences.ts'
import { play, type Played } from '../pipeline/alerts-played.ts'

const hourMs = 3_600_000
const start = Date.UTC(2026, 2, 10, 8)
let played: Played
afterEach(() => played.store.close())

async function shown(hour: number): Promise<string> {
  const now = start + hour * hourMs
  const { pipeline, settings } = played
  return statusText(await alertStatus(pipeline, settings, now), {
    rules: settings.rules.length,
    notifiers: 1,
    now,
  })
}

test('what fires and what is pending is listed with what keeps it quiet', async () => {
  const message = '{{rule}} of {{subject}}'
  played = play({
    start,
    config: {
      services: [
        { name: 'shop', team: 'web', timezone: 'Europe/Berlin' },
        { name: 'blog', team: 'paper', timezone: 'Asia/Tokyo' },
      ],
    },
    alerts: {
      rules: [
        { name: 'fails', metric: 'changeFailRate', above: '15%', keepFiringFor: '6h', message },
        { name: 'fails long', metric: 'changeFailRate', above: '15%', for: '9h', message },
        { name: 'fails much', metric: 'changeFailRate', above: '40%', severity: 'critical', message },
      ],
      routes: [{ channels: ['chat'], mute: ['lunch', 'night'] }],
      muteTimes: [
        { name: 'lunch', times: '12:00-13:30' },
        { name: 'night', times: '22:00-06:00', timezone: 'UTC' },
      ],
    },
  })
  expect(await shown(0)).toBe(`3 rules, 1 channels, not evaluated yet (dorado alerts test shows what they say)
Nothing fires.
mute time lunch: not now
mute time night: not now`)

  await played.fails(0, 60)
  await played.fails(0, 30, 'blog')
  await played.told(0)
  await played.fails(2, 60)
  await played.fails(2, 5, 'blog')
  await played.told(2)
  const silence = { from: start, comment: '', createdAt: start }
  await saveSilence(played.store.alerts, {
    ...silence,
    id: 'move',
    match: { service: ['shop', 'blog'], rule: ['/fails m.*/'] },
    until: start + 24 * hourMs,
    comment: 'moving house',
    author: 'dev-1',
  })
  await saveSilence(played.store.alerts, {
    ...silence,
    id: 'later',
    match: { team: ['web'] },
    from: start + 24 * hourMs,
    until: start + 48 * hourMs,
  })
  await saveSilence(played.store.alerts, {
    ...silence,
    id: 'over',
    match: { team: ['web'] },
    until: start + hourMs,
  })
  expect(await shown(3)).toBe(`3 rules, 1 channels, as of 2026-03-10T10:00:00.000Z
3 firing:
  warning: fails of blog (since 2026-03-10T08:00:00.000Z, good again)
  warning: fails of shop (since 2026-03-10T08:00:00.000Z)
    inhibited by critical: fails much of shop
    muted by lunch on chat
  critical: fails much of shop (since 2026-03-10T08:00:00.000Z)
    silenced by move until 2026-03-11T08:00:00.000Z
    muted by lunch on chat
1 pending:
  warning: fails long of shop (since 2026-03-10T08:00:00.000Z)
    inhibited by critical: fails much of shop
    muted by lunch on chat
silence later: team=web from 2026-03-11T08:00:00.000Z until 2026-03-12T08:00:00.000Z (set 2026-03-10T08:00:00.000Z)
silence move: service=shop|blog, rule=/fails m.*/ until 2026-03-11T08:00:00.000Z: moving house (by dev-1, set 2026-03-10T08:00:00.000Z)
mute time lunch: now in Europe/Berlin
mute time night: not now`)
})
