import { describe, expect, test } from 'vitest'
import { pagerdutyEvents } from '../../alerts/channels/pagerduty-events.ts'
import type { Alert, Severity } from '../../alerts/message.ts'
import { planMessages, type Group, type Planned } from '../../alerts/notify.ts'
import type { Route } from '../../alerts/route.ts'
import { seeded } from './seeded.ts'

function route(channels: string[], severity: Severity[] = [], goesOn = false): Route {
  const match: Route['match'] = severity.length === 0 ? {} : { severity }
  return { match, channels, groupBy: ['rule'], repeatMs: Infinity, goesOn }
}

function fires(name: string, severity: Severity, episode = 1): Alert {
  return {
    fingerprint: name,
    episode,
    rule: 'fails',
    status: 'firing',
    severity,
    labels: { rule: 'fails', service: name, severity },
    summary: `${name} fails`,
    values: [],
    facts: [],
    startedAt: 0,
  }
}

/** Evaluations one after the other: what fires, and which of it is kept quiet. */
function teller(routes: readonly Route[]) {
  const groups = new Map<string, Group>()
  let at = 0
  return (firing: readonly Alert[], quiet: readonly string[] = [], present = routes): Planned => {
    at += 3_600_000
    const planned = planMessages({
      routes: present,
      firing,
      ended: new Map(),
      groups: [...groups.values()],
      isQuiet: ({ fingerprint }) => quiet.includes(fingerprint),
      at,
      fingerprint: (text) => text,
    })
    for (const group of planned.groups) {
      if (group.told.length === 0) groups.delete(group.id)
      else groups.set(group.id, group)
    }
    return planned
  }
}

/** `chat firing: shop firing`. */
function said({ messages }: Planned): string[] {
  return messages.map(({ channel, message }) => {
    const alerts = message.alerts.map(
      ({ fingerprint, status, severity, moved, reason }) =>
        `${fingerprint} ${moved ? `moved ${moved}` : status} ${severity}${reason ? ` (${reason})` : ''}`,
    )
    return `${channel} ${message.status}: ${alerts.join(', ')}`
  })
}

describe('an alert that gets worse and belongs to another route then', () => {
  const routes = [route(['pager'], ['critical']), route(['chat'])]

  test('is told there, and the channel that it leaves is told where, and not that it is over', () => {
    const tell = teller(routes)
    expect(said(tell([fires('shop', 'warning')]))).toEqual(['chat firing: shop firing warning'])
    expect(said(tell([fires('shop', 'critical')]))).toEqual([
      'chat resolved: shop moved elsewhere critical (now critical, told to pager)',
      'pager firing: shop firing critical',
    ])
    expect(said(tell([fires('shop', 'critical')]))).toEqual([])
    expect(said(tell([fires('shop', 'warning')]))).toEqual([
      'pager resolved: shop moved elsewhere warning (now warning, told to chat)',
      'chat firing: shop firing warning',
    ])
    expect(said(tell([]))).toEqual(['chat resolved: shop resolved warning'])
  })

  test('goes on in its group with the others of it', () => {
    const tell = teller(routes)
    tell([fires('shop', 'warning'), fires('blog', 'warning')])
    expect(said(tell([fires('shop', 'critical'), fires('blog', 'warning')]))[0]).toBe(
      'chat firing: blog firing warning, shop moved elsewhere critical (now critical, told to pager)',
    )
  })

  test('is told of when its silence ends, to both', () => {
    const tell = teller(routes)
    tell([fires('shop', 'warning')])
    expect(said(tell([fires('shop', 'critical')], ['shop']))).toEqual([])
    expect(said(tell([fires('shop', 'critical')]))).toEqual([
      'chat resolved: shop moved elsewhere critical (now critical, told to pager)',
      'pager firing: shop firing critical',
    ])
  })

  test('and ends while it is silenced, has ended for whom it began', () => {
    const tell = teller(routes)
    tell([fires('shop', 'warning')])
    tell([fires('shop', 'critical')], ['shop'])
    expect(said(tell([]))).toEqual(['chat resolved: shop resolved warning'])
  })

  test('and goes back while it is silenced, is no news', () => {
    const tell = teller(routes)
    tell([fires('shop', 'warning')])
    tell([fires('shop', 'critical')], ['shop'])
    expect(said(tell([fires('shop', 'warning')]))).toEqual([])
  })

  test('which no route takes, is told so', () => {
    const tell = teller([route(['chat'], ['warning'])])
    tell([fires('shop', 'warning')])
    expect(said(tell([fires('shop', 'critical')]))).toEqual([
      'chat resolved: shop moved elsewhere critical (now critical, no route takes it)',
    ])
  })
})

test('an alert whose route is configured away is told as moved, with the same severity', () => {
  const before = planMessages({
    routes: [route(['chat'])],
    firing: [fires('shop', 'warning')],
    ended: new Map(),
    groups: [],
    isQuiet: () => false,
    at: 1,
    fingerprint: (text) => text,
  })
  const after = (routes: Route[]) =>
    planMessages({
      routes,
      firing: [fires('shop', 'warning')],
      ended: new Map(),
      groups: before.groups,
      isQuiet: () => false,
      at: 2,
      fingerprint: (text) => text,
    })
  expect(said(after([route(['pager'])]))[0]).toBe(
    'chat resolved: shop moved elsewhere warning (told to pager)',
  )
  expect(said(after([]))).toEqual(['chat resolved: shop moved elsewhere warning (no route takes it)'])
})

test('with goesOn the first channel goes on, and the second hears of what is critical only', () => {
  const tell = teller([route(['chat'], ['warning', 'critical'], true), route(['pager'], ['critical'])])
  expect(said(tell([fires('shop', 'warning')]))).toEqual(['chat firing: shop firing warning'])
  expect(said(tell([fires('shop', 'critical')]))).toEqual([
    'chat firing: shop firing critical',
    'pager firing: shop firing critical',
  ])
  expect(said(tell([fires('shop', 'warning')]))).toEqual([
    'chat firing: shop firing warning',
    'pager resolved: shop moved elsewhere warning (now warning, told to chat)',
  ])
  expect(said(tell([]))).toEqual(['chat resolved: shop resolved warning'])
})

test('an end and a new beginning in one message leave the incident open', () => {
  const tell = teller([route(['pager'])])
  tell([fires('shop', 'warning', 1)])
  const { messages } = tell([fires('shop', 'warning', 2)])
  const actions = messages.flatMap(({ message }) => pagerdutyEvents(message)) as { event_action: string }[]
  expect(actions.map((each) => each.event_action)).toEqual(['resolve', 'trigger'])
})

test('what is silenced is not told along with others of its group', () => {
  const tell = teller([route(['chat'])])
  tell([fires('shop', 'warning'), fires('blog', 'warning')])
  const worse = [fires('shop', 'critical'), fires('blog', 'critical')]
  expect(said(tell(worse, ['blog']))).toEqual(['chat firing: shop firing critical, blog firing warning'])
  expect(said(tell(worse))).toEqual(['chat firing: shop firing critical, blog firing critical'])
})

describe('whatever happens', () => {
  const arrangements: Record<string, Route[]> = {
    'by severity': [route(['pager'], ['critical']), route(['chat'])],
    'goes on': [route(['chat'], [], true), route(['pager'], ['critical'])],
    'one channel, two routes': [route(['pager'], ['critical']), route(['pager', 'chat'], ['warning'])],
    'both take it': [route(['pager'], ['critical'], true), route(['pager'])],
    'none takes it': [route(['pager', 'chat'], ['critical'])],
  }

  test.each(Object.entries(arrangements))('channels know what they have to (%s)', (_, routes) => {
    for (let seed = 0; seed < 40; seed += 1) play(routes, seeded(seed))
  })

  function play(routes: readonly Route[], random: () => number): void {
    const names = ['a', 'b', 'c']
    const tell = teller(routes)
    const episodes = new Map<string, number>()
    const severity = new Map<string, Severity | undefined>()
    const incidents = new Set<string>()
    /** By group: what is said there last of each alert. */
    const chat = new Map<string, string>()
    for (let slot = 0; slot < 60; slot += 1) {
      const kept = new Set<string>()
      const quiet = names.filter(() => random() < 0.3)
      for (const name of names) {
        const before = severity.get(name)
        const next = ([undefined, 'warning', 'critical', before] as const)[Math.floor(random() * 4)]
        const isAgain = next !== undefined && (before === undefined || random() < 0.1)
        if (isAgain) episodes.set(name, (episodes.get(name) ?? 0) + 1)
        else if (next !== undefined) kept.add(name)
        severity.set(name, next)
      }
      const firing = names.flatMap((name) => {
        const now = severity.get(name)
        return now === undefined ? [] : [fires(name, now, episodes.get(name))]
      })
      const open = new Set(incidents)
      for (const { channel, message } of tell(firing, quiet).messages) {
        if (channel === 'pager') apply(incidents, pagerdutyEvents(message))
        else
          for (const { fingerprint, status, severity: told } of message.alerts)
            chat.set(`${message.groupKey} ${fingerprint}`, status === 'firing' ? told : status)
      }
      for (const name of names) {
        const now = severity.get(name)
        const takenBy = (channel: string) => now !== undefined && isTakenBy(routes, channel, now)
        const isOpen = incidents.has(`dorado/${name}`)
        // What is kept quiet stays as it was told; what began again meanwhile has ended.
        if (now !== undefined && quiet.includes(name)) {
          if (kept.has(name)) expect(isOpen).toBe(open.has(`dorado/${name}`))
        } else {
          expect(isOpen).toBe(takenBy('pager'))
          const known = [...chat].filter(([key, told]) => key.endsWith(` ${name}`) && told !== 'resolved')
          expect(known.map(([, told]) => told)).toEqual(takenBy('chat') ? [now] : [])
        }
      }
    }
  }

  function apply(incidents: Set<string>, events: readonly object[]): void {
    for (const { event_action, dedup_key } of events as { event_action: string; dedup_key: string }[]) {
      if (event_action === 'trigger') incidents.add(dedup_key)
      else incidents.delete(dedup_key)
    }
  }

  function isTakenBy(routes: readonly Route[], channel: string, severity: Severity): boolean {
    for (const { match, channels, goesOn } of routes) {
      if (match['severity'] !== undefined && !match['severity'].includes(severity)) continue
      if (channels.includes(channel)) return true
      if (!goesOn) return false
    }
    return false
  }
})

describe('a change of the routes', () => {
  const toPager = { ...route(['pager']), match: { service: ['till'] } }
  const toWeb = { ...route(['web', 'chat']), match: { service: ['blog', 'shop'] } }
  const rest = route(['chat'])
  const firing = [fires('blog', 'warning'), fires('shop', 'warning'), fires('app', 'warning')]

  /** What is told with one list of routes, and then with another. */
  function changed(before: readonly Route[], after: readonly Route[]): string[] {
    const tell = teller(before)
    tell(firing)
    return said(tell(firing, [], after))
  }

  test.each([
    ['one before the others', [toWeb, rest], [toPager, toWeb, rest]],
    ['one less', [toPager, toWeb, rest], [toWeb, rest]],
    ['another order', [toPager, toWeb, rest], [toWeb, toPager, rest]],
    ['one that is repeated sooner', [toWeb, rest], [{ ...toWeb, repeatMs: 1e12, mute: ['night'] }, rest]],
    [
      'its values in another order',
      [toWeb, rest],
      [{ ...toWeb, match: { service: ['shop', 'blog'] } }, rest],
    ],
  ])('tells nobody anew what goes where it went: %s', (_, before, after) => {
    expect(changed(before, after)).toEqual([])
  })

  test('tells the channel that is new, and no other', () => {
    expect(changed([toWeb, rest], [{ ...toWeb, channels: ['mail', 'web', 'chat'] }, rest])).toEqual([
      'mail firing: blog firing warning, shop firing warning',
    ])
  })

  test('moves what another route takes from now on', () => {
    expect(changed([rest], [{ ...toWeb, channels: ['web'] }, rest])).toEqual([
      'chat firing: app firing warning, blog moved elsewhere warning (told to web), shop moved elsewhere warning (told to web)',
      'web firing: blog firing warning, shop firing warning',
    ])
  })

  test('keeps routes apart that say the same', () => {
    const again = { ...rest, goesOn: true }
    const tell = teller([again, rest])
    expect(said(tell([fires('app', 'warning')]))).toEqual([
      'chat firing: app firing warning',
      'chat firing: app firing warning',
    ])
    expect(said(tell([fires('app', 'warning')]))).toEqual([])
    expect(said(tell([]))).toHaveLength(2)
  })
})
