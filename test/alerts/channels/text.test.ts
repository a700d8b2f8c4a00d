import { describe, expect, test } from 'vitest'
import { cut, oneLine, tell, webAddress } from '../../../alerts/channels/text.ts'
import { alert, goldenMessages, message, resolved } from './samples.ts'

describe('a text that is too long', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['ab🚒', 4, 'ab🚒'],
    ['ab🚒', 3, 'ab…'],
    ['🚒🚒', 3, '🚒…'],
    ['abc', 1, '…'],
  ])('%s within %d is %s', (text, length, expected) => expect(cut(text, length)).toBe(expected))

  test('is measured as it is escaped, and nothing escaped is broken', () => {
    const escape = (character: string) => (character === '&' ? '&amp;' : character)
    expect(cut('a&b', 7, escape)).toBe('a&amp;b')
    expect(cut('a&bc', 7, escape)).toBe('a&amp;…')
    expect(cut('a&bc', 6, escape)).toBe('a…')
  })
})

test('one line is left of what would be many, in the direction of writing, without broken characters', () => {
  expect(oneLine(' a\r\nBcc: b\u0000\u001B[31m \u202Ec \uD83D\u2028d ')).toBe('a Bcc: b [31m c \uFFFD d')
})

test.each([
  ['https://example.com/a?b=1&c=2', 'https://example.com/a?b=1&c=2'],
  ['https://example.com/(a)[b]|c>d', 'https://example.com/%28a%29%5Bb%5D%7Cc%3Ed'],
  ['https://user:pass@example.com/a', 'https://example.com/a'],
  ['http://[::1]:3000/a_b', 'http://[::1]:3000/a_b'],
  ['javascript:alert(1)', undefined],
  ['https://', undefined],
  ['look at the logs', undefined],
  [`https://example.com/${'a'.repeat(2000)}`, undefined],
  [undefined, undefined],
])('the address of %s is %s', (text, expected) => expect(webAddress(text)).toBe(expected))

describe('what is told', () => {
  test('of one that fires', () => {
    expect(tell(message())).toEqual({
      state: 'FIRING',
      severity: 'critical',
      title: '[FIRING] Change fail rate of checkout is too high',
      moreAlerts: 0,
      key: 'k7f3a9',
      alerts: [
        {
          state: 'FIRING',
          severity: 'critical',
          heading: 'FIRING critical',
          summary: 'Change fail rate of checkout is 31 % over 7 days',
          values: alert().values,
          when: 'since 2026-03-02T09:00Z',
          facts: [
            {
              text: 'deployment 4711 failed, 2026-03-02T09:00Z',
              url: 'https://git.example.com/acme/checkout/deployments/4711',
            },
            { text: 'incident INC-7, 2026-03-02T08:00Z' },
          ],
          moreFacts: 0,
          runbook: { text: 'runbook', url: 'https://wiki.example.com/runbooks/change-fail-rate' },
          url: 'https://grafana.example.com/d/dora?var-service=checkout&from=now-7d',
        },
      ],
    })
  })

  test('of one that is over, and why', () => {
    const [one] = tell(resolved({ alerts: [{ ...resolved().alerts[0]!, reason: 'rule removed' }] })).alerts
    expect(one).toMatchObject({
      heading: 'RESOLVED (rule removed)',
      when: '2026-03-02T09:00Z to 2026-03-02T11:00Z (2h)',
    })
  })

  test('of a test', () => {
    const { title, alerts } = tell(message({ isTest: true }))
    expect(title).toMatch(/^\[TEST\] /)
    expect(alerts[0]?.heading).toBe('TEST critical')
  })

  test('first of what fires and is grave', () => {
    const states = tell(goldenMessages.group!).alerts.map(({ heading }) => heading.split(' (')[0])
    expect([...new Set(states)]).toEqual(['FIRING critical', 'FIRING warning', 'RESOLVED'])
  })

  test('of facts, the first few and how many more', () => {
    const [one] = tell(message(), 1).alerts
    expect(one?.facts).toHaveLength(1)
    expect(one?.moreFacts).toBe(1)
  })
})
