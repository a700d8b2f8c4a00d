import { afterEach, describe, expect, test } from 'vitest'
import type { Pipeline } from '../../pipeline/refresh.ts'
import { forgetSilences, readSilences, saveSilence } from '../../pipeline/silences.ts'
import { play, type Played } from './alerts-played.ts'

const start = Date.UTC(2026, 2, 10, 8)
const opened: Played[] = []
afterEach(() => {
  for (const { store } of opened.splice(0)) store.close()
})

function played(options: Omit<Parameters<typeof play>[0], 'start'>): Played {
  const made = play({ start, ...options })
  opened.push(made)
  return made
}

/** A source of which only is asked what it tells, and of which repository. */
function source(
  name: string,
  yields: readonly string[],
  covers?: (repository: string) => boolean,
): Pipeline['extractors'][number] {
  return { name, yields, ...(covers && { covers }) } as Pipeline['extractors'][number]
}

describe('what another alert keeps quiet', () => {
  const rules = [
    { name: 'fails', metric: 'changeFailRate', above: '15%' },
    { name: 'fails much', metric: 'changeFailRate', above: '40%', severity: 'critical' },
  ]

  test('a warning is told when the critical alert has ended and it still fires', async () => {
    const { fails, told } = played({ alerts: { rules } })
    const messages: string[][] = []
    for (const [hour, failed] of [60, 60, 30, 30, 5].entries()) {
      await fails(hour, failed)
      messages.push(await told(hour))
    }
    expect(messages).toEqual([
      ['chat firing: shop fails much'],
      [],
      ['chat resolved: shop fails much resolved', 'chat firing: shop fails'],
      [],
      ['chat resolved: shop fails resolved'],
    ])
  })

  test('both are told where the defaults are switched off', async () => {
    const { fails, told } = played({ alerts: { rules, inhibitDefaults: false } })
    await fails(0, 60)
    expect((await told(0)).toSorted()).toEqual(['chat firing: shop fails', 'chat firing: shop fails much'])
  })

  test('what ended before it could be told is never told', async () => {
    const { fails, told } = played({ alerts: { rules } })
    await fails(0, 60)
    await told(0)
    await fails(1, 5)
    expect(await told(1)).toEqual(['chat resolved: shop fails much resolved'])
  })

  test('one service keeps another quiet where a rule says so', async () => {
    const inhibit = [{ when: { service: 'shop' }, quiet: { service: 'blog' }, equal: ['team', 'rule'] }]
    const { fails, told } = played({ alerts: { rules: rules.slice(0, 1), inhibit } })
    for (const hour of [0, 1]) {
      await fails(hour, hour === 0 ? 30 : 5)
      await fails(hour, 30, 'blog')
    }
    expect(await told(0)).toEqual(['chat firing: shop fails'])
    expect(await told(1)).toEqual(['chat firing: blog fails, shop fails resolved'])
  })
})

describe('a source that is behind', () => {
  const rules = [
    { name: 'behind', metric: 'sourceLag', above: '3h' },
    { name: 'fails', metric: 'changeFailRate', above: '15%' },
  ]
  const config = {
    services: [
      { name: 'shop', team: 'web', repository: 'acme/shop', incidents: ['P1'] },
      { name: 'blog', team: 'web', repository: 'acme/blog' },
    ],
  }
  const extractors = [
    source('forge', ['deployment', 'change', 'commit'], (repository) => repository === 'acme/shop'),
    source('pager', ['incident']),
    source('builds', ['run']),
  ]

  test.each([
    ['the repository is read from', 'forge', ['blog fails']],
    ['incidents are read from', 'pager', ['blog fails']],
    ['nothing of it is read from', 'builds', ['blog fails', 'shop fails']],
  ])('keeps quiet the numbers of a service whose facts %s', async (_, name, expected) => {
    const { fails, lags, told } = played({ alerts: { rules }, config, extractors })
    await lags(0, name, 5)
    await fails(0, 30)
    await fails(0, 30, 'blog')
    expect((await told(0)).toSorted()).toEqual([
      `chat firing: ${expected.join(', ')}`,
      `chat firing: ${name} behind`,
    ])
    await lags(1, name, 0)
    await fails(1, 30)
    await fails(1, 30, 'blog')
    expect((await told(1)).toSorted()).toEqual([
      ...(name === 'builds' ? [] : ['chat firing: blog fails, shop fails']),
      `chat resolved: ${name} behind resolved`,
    ])
  })
})

describe('a mute time', () => {
  const rules = [{ name: 'fails', metric: 'changeFailRate', above: '15%' }]
  // It begins at 08:00 UTC of a Tuesday.
  const muted = (mute: object, routes: object[] = [{ channels: 'chat', mute: 'quiet' }]) => ({
    rules,
    routes,
    muteTimes: [{ name: 'quiet', ...mute }],
  })

  async function hoursTold({ fails, told }: Played, hours: number, services = ['shop']): Promise<string[]> {
    const messages: string[] = []
    for (let hour = 0; hour < hours; hour += 1) {
      for (const service of services) await fails(hour, 30, service)
      for (const message of await told(hour)) messages.push(`${hour}: ${message}`)
    }
    return messages
  }

  test('is over when it ends, and what fires still is told then', async () => {
    const here = played({ alerts: muted({ times: '08:00-10:00' }) })
    expect(await hoursTold(here, 4)).toEqual(['2: chat firing: shop fails'])
  })

  test('is over also where nothing was evaluated when it ended', async () => {
    const { fails, told } = played({ alerts: muted({ times: '07:30-09:30' }) })
    await fails(0, 30)
    expect(await told(0)).toEqual([])
    await fails(7, 30)
    expect(await told(7)).toEqual(['chat firing: shop fails'])
  })

  test('lets an end be told to whom the beginning was, and no other', async () => {
    const { fails, told } = played({ alerts: muted({ times: '09:00-12:00' }) })
    await fails(0, 30)
    expect(await told(0)).toEqual(['chat firing: shop fails'])
    await fails(1, 5)
    await fails(1, 30, 'blog')
    expect(await told(1)).toEqual(['chat resolved: shop fails resolved'])
    await fails(5, 5)
    await fails(5, 5, 'blog')
    expect(await told(5)).toEqual([])
  })

  test('holds for the routes that name it', async () => {
    const routes = [
      { match: { rule: 'fails' }, channels: 'chat', mute: 'quiet', goesOn: true },
      { channels: 'mail' },
    ]
    const here = played({ alerts: muted({ days: 'tuesday' }, routes), channels: ['chat', 'mail'] })
    expect(await hoursTold(here, 1)).toEqual(['0: mail firing: shop fails'])
  })

  test.each([
    // 08:00 UTC is 04:00 in New York, and 09:00 in Berlin.
    ['its team agrees on', {}, ['1: chat firing: west', '6: chat firing: east']],
    ['it names', { timezone: 'UTC' }, ['2: chat firing: east', '2: chat firing: west']],
  ])('is that of the zone that %s', async (_, zone, expected) => {
    const services = [
      { name: 'east', team: 'new-york', timezone: 'America/New_York' },
      { name: 'west', team: 'berlin', timezone: 'Europe/Berlin' },
    ]
    const here = played({ alerts: muted({ times: '04:00-10:00', ...zone }), config: { services } })
    const told = await hoursTold(here, 7, ['east', 'west'])
    expect(told.map((message) => message.replaceAll(' fails', '')).toSorted()).toEqual(expected)
  })

  test('is that of the configuration where the services of a team disagree', async () => {
    const services = [
      { name: 'east', team: 'web', timezone: 'America/New_York' },
      { name: 'west', team: 'web', timezone: 'Europe/Berlin' },
    ]
    const here = played({ alerts: muted({ times: '08:00-09:00' }), config: { services, timezone: 'UTC' } })
    expect(await hoursTold(here, 3, ['east', 'west'])).toEqual(['1: chat firing: east fails, west fails'])
  })
})

test('silences that have ended are forgotten, others are kept', async () => {
  const { store } = played({ alerts: {} })
  const silence = { match: { team: ['web'] }, from: start, comment: '' }
  await saveSilence(store.alerts, { ...silence, id: 'over', until: start + 1000 })
  await saveSilence(store.alerts, { ...silence, id: 'going on', until: start + 1001 })
  await forgetSilences(store, start + 1000)
  expect((await readSilences(store.alerts)).map(({ id }) => id)).toEqual(['going on'])
})
