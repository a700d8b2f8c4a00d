import { expect, test } from 'vitest'
import { createLogger, type LoggerOptions } from '../../core/logger.ts'

function logging(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = []
  const log = createLogger({
    level: 'info',
    secrets: ['hunter-seven'],
    stream: { write: (text) => lines.push(text) },
    json: true,
    clock: () => Date.UTC(2026, 2, 2, 5, 0, 0, 7),
    ...options,
  })
  return { log, lines }
}

test('a line is one JSON object', () => {
  const { log, lines } = logging()
  log.warn('slow', { source: 'github', pages: 3 })
  expect(lines).toEqual([
    '{"level":"warn","time":"2026-03-02T05:00:00.007Z","source":"github","pages":3,"message":"slow"}\n',
  ])
})

test('a line for a person is text', () => {
  const { log, lines } = logging({ json: false })
  log.info('stored', { facts: 12, of: 'two words', from: ['a'] })
  log.error('failed')
  expect(lines).toEqual([
    '05:00:00 info  stored facts=12 of="two words" from=["a"]\n',
    '05:00:00 error failed\n',
  ])
})

test('what is below the level is not written', () => {
  const { log, lines } = logging({ level: 'warn' })
  log.debug('a')
  log.info('b')
  log.warn('c')
  log.error('d')
  expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['c', 'd'])
})

test.each([true, false])('secrets are masked in the message, in details and in errors (json: %s)', (json) => {
  const { log, lines } = logging({ json })
  const cause = new Error('inner hunter-seven')
  const details = {
    url: 'https://host.example/?key=hunter-seven',
    nested: [{ text: 'xhunter-sevenx' }],
    headers: { authorization: 'Basic dXNlcjpwYXNz', token: 'unknown-to-the-list' },
    error: new Error('refused hunter-seven', { cause }),
  }
  log.error('no access with hunter-seven', details)
  log.error('thrown', new Error('hunter-seven'))
  log.error('listed', ['hunter-seven'])
  const text = lines.join('')
  expect(text).toContain('no access with ***')
  expect(text).toContain('refused ***')
  expect(text).not.toMatch(/hunter|dXNlcjpwYXNz|unknown-to-the-list/)
  expect(lines).toHaveLength(3)
})

test('details cannot take the place of the keys of the line', () => {
  const { log, lines } = logging()
  log.info('real', { message: 'forged', level: 'error', time: 'never' })
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'info',
    time: '2026-03-02T05:00:00.007Z',
    message: 'real',
    'details.message': 'forged',
    'details.level': 'error',
    'details.time': 'never',
  })
})

test('what came from outside cannot forge a line or command a terminal', () => {
  const { log, lines } = logging({ json: false })
  log.info('title: a\n05:00:00 error forged \u001B[31mred')
  expect(lines).toEqual(['05:00:00 info  title: a 05:00:00 error forged  [31mred\n'])
})

test('circles, dates and big numbers are written', () => {
  const { log, lines } = logging()
  const circle: Record<string, unknown> = { at: new Date(0), count: 7n }
  circle.self = circle
  log.info('odd', circle)
  expect(JSON.parse(lines[0]!)).toMatchObject({
    at: '1970-01-01T00:00:00.000Z',
    count: '7',
    self: '[circular]',
  })
})
