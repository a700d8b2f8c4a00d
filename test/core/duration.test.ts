import { assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../core/duration.ts'
import { Rejected } from '../../core/errors.ts'

test.each([
  ['30s', 30_000],
  ['90m', 5_400_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
  ['1d12h', 129_600_000],
  ['1.5h', 5_400_000],
  ['0m', 0],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', '7', '7 d', 'd', '-1h', '1x', '1.h', '1H', 'P7D', 7, null, `${'9'.repeat(20)}w`])(
  '%j is refused',
  (text) => {
    expect(() => parseDuration(text)).toThrow(Rejected)
  },
)

test('an error says what to write', () => {
  expect(() => parseDuration('7 days')).toThrow(
    '"7 days" is no duration; write a number and a unit, such as 30m, 1h, 7d or 2w',
  )
})

test('what is formatted is read as the same, to the second', () => {
  expect([0, 1000, 5_400_000, 604_800_000].map(formatDuration)).toEqual(['0s', '1s', '1h30m', '7d'])
  assert(
    property(integer({ min: 0, max: 1_000_000_000 }), (seconds) => {
      expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000)
    }),
  )
})
