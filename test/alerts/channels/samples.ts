import type { Io } from '../../../core/io.ts'
import type { Alert, AlertMessage } from '../../../alerts/message.ts'
import { notingIo } from '../../noting-io.ts'

export const now = Date.UTC(2026, 2, 2, 10)
const hour = 3_600_000

export function alert(part: Partial<Alert> = {}): Alert {
  return {
    fingerprint: 'c0ffee12',
    episode: 1,
    rule: 'change fail rate',
    status: 'firing',
    severity: 'critical',
    labels: { service: 'checkout', team: 'payments', rule: 'change fail rate', severity: 'critical' },
    summary: 'Change fail rate of checkout is 31 % over 7 days',
    values: [
      { name: 'value', text: '31 %' },
      { name: 'threshold', text: 'above 15 %' },
      { name: 'n', text: '13 deployments' },
    ],
    facts: [
      {
        text: 'deployment 4711 failed',
        url: 'https://git.example.com/acme/checkout/deployments/4711',
        at: now - hour,
      },
      { text: 'incident INC-7', at: now - 2 * hour },
    ],
    runbook: 'https://wiki.example.com/runbooks/change-fail-rate',
    url: 'https://grafana.example.com/d/dora?var-service=checkout&from=now-7d',
    startedAt: now - hour,
    ...part,
  }
}

export function message(part: Partial<AlertMessage> = {}): AlertMessage {
  return {
    key: 'k7f3a9',
    groupKey: 'payments/change fail rate',
    status: 'firing',
    severity: 'critical',
    title: 'Change fail rate of checkout is too high',
    labels: { team: 'payments' },
    alerts: [alert()],
    at: now,
    ...part,
  }
}

/** Of the group of `message()`: all is well again. */
export function resolved(part: Partial<AlertMessage> = {}): AlertMessage {
  const over = alert({ status: 'resolved', endedAt: now + hour })
  return message({
    key: 'k7f3aa',
    status: 'resolved',
    title: 'Change fail rate of checkout is as it should be',
    alerts: [over],
    at: now + hour,
    ...part,
  })
}

function groupOfTen(): AlertMessage {
  const alerts = Array.from({ length: 10 }, (_, index) => {
    const service = `service-${index}`
    const isOver = index % 3 === 0
    return alert({
      fingerprint: `f${index}`,
      status: isOver ? 'resolved' : 'firing',
      severity: index % 2 === 0 ? 'warning' : 'critical',
      labels: { service, team: 'payments', rule: 'lead time' },
      rule: 'lead time',
      summary: `Lead time of ${service} is ${index + 3} days`,
      values: [{ name: 'value', text: `${index + 3} d` }],
      facts: [{ text: `change !${index}`, url: `https://git.example.com/acme/${service}/-/merge/${index}` }],
      runbook: 'Look at the oldest review first.',
      ...(isOver ? { endedAt: now, reason: index === 9 ? 'rule removed' : 'restated' } : {}),
    })
  })
  return message({ key: 'k00010', title: 'Lead time is too long in 6 of 10 services', alerts })
}

/** What the golden files hold. */
export const goldenMessages: Readonly<Record<string, AlertMessage>> = {
  firing: message(),
  group: groupOfTen(),
  moved: message({
    key: 'k7f3ab',
    status: 'resolved',
    alerts: [alert({ status: 'resolved', moved: 'elsewhere', reason: 'now critical, told to pager' })],
  }),
  test: message({ key: 'ktest1', isTest: true, severity: 'info', alerts: [alert({ severity: 'info' })] }),
}

/** What a service may be called by whoever means harm, and what must not come of it unescaped. */
export const nastyNames = [
  '<!channel>',
  '<@U0123456789>',
  '@everyone',
  '](http://evil.example)',
  '[click](http://evil.example)',
  '<at>Everyone</at>',
  '<https://evil.example|sign in>',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'a\r\nBcc: everyone@example.com\r\n\r\nbody',
  'tick`s *bold* _under_ ~gone~ # title',
  '\u202Efdp.exe',
  'half a pair \uD83D',
  '{{DATE(2026-03-02T10:00:00Z)}}',
]

export function named(name: string): AlertMessage {
  const one = alert({
    rule: name,
    labels: { service: name, rule: name, [name]: name },
    summary: `${name} is slow`,
    values: [{ name, text: name }],
    facts: [
      { text: name, url: 'https://git.example.com/a?b=(c)|d>e' },
      { text: name, url: name },
    ],
    runbook: name,
    url: 'javascript:alert(1)',
    reason: name,
  })
  return message({ title: `${name} is slow`, labels: { service: name }, alerts: [one] })
}

/** 200 alerts with twenty facts each. */
export function flood(): AlertMessage {
  const facts = Array.from({ length: 20 }, (_, index) => ({
    text: `deployment ${index} 🚒`.repeat(5),
    url: `https://git.example.com/${'x'.repeat(150)}/${index}`,
  }))
  const alerts = Array.from({ length: 200 }, (_, index) =>
    alert({
      fingerprint: `f${index}`,
      labels: { service: `service-${index}` },
      summary: `Lead time & more of service-${index} ${'🐢'.repeat(40)}`,
      facts,
    }),
  )
  return message({ title: '200 services are slow', alerts })
}

/** Edges that wait for nothing and note what is logged. */
export function ioOf(signal?: AbortSignal): Io & { logged: string[] } {
  const sleep = () => Promise.reject(new Error('a channel waits for nothing'))
  return notingIo({ clock: () => now, sleep, ...(signal && { signal }) })
}
