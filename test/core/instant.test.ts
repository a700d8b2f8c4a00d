import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatInstant, parseInstant } from '../../core/instant.ts'

const at = Date.UTC(2026, 2, 2, 10, 0, 0)

describe('parseInstant', () => {
  test.each([
    ['2026-03-02T10:00:00Z', at],
    ['2026-03-02T10:00:00.000Z', at],
    ['2026-03-02T10:00Z', at],
    ['2026-03-02t10:00:00z', at],
    ['2026-03-02T10:00:00.5Z', at + 500],
    ['2026-03-02T10:00:00.123456Z', at + 123],
    ['2026-03-02T10:00:00.123999999Z', at + 123],
    ['2026-03-02T12:00:00+02:00', at],
    ['2026-03-02T12:00:00+0200', at],
    ['2026-03-02T12:00:00+02', at],
    ['2026-03-02T04:30:00-05:30', at],
    ['2026-03-02 10:00:00 UTC', at],
    ['2026-03-02 12:00:00 +0200', at],
    ['2026-03-02 12:00:00.25 +02:00', at + 250],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000],
    [at, at],
    [at + 0.7, at],
  ])('%j', (value, expected) => {
    expect(parseInstant(value, 'at')).toBe(expected)
  })

  test.each([
    [
      '2026-03-02T10:00:00',
      'at: "2026-03-02T10:00:00" has no zone; write 2026-03-02T10:00:00Z or with an offset',
    ],
    [
      '2026-03-02 10:00:00',
      'at: "2026-03-02 10:00:00" has no zone; write 2026-03-02T10:00:00Z or with an offset',
    ],
    ['2026-03-02', 'at: "2026-03-02" has no time of day; write 2026-03-02T00:00:00Z'],
    ['2026-02-30T10:00:00Z', 'at: "2026-02-30T10:00:00Z" is a day that does not exist'],
    ['2026-02-29T10:00:00+01:00', 'at: "2026-02-29T10:00:00+01:00" is a day that does not exist'],
    ['2100-02-29T10:00:00Z', 'at: "2100-02-29T10:00:00Z" is a day that does not exist'],
    ['2026-13-01T10:00:00Z', 'at: "2026-13-01T10:00:00Z" is a day that does not exist'],
    ['2026-03-00T10:00:00Z', 'at: "2026-03-00T10:00:00Z" is a day that does not exist'],
    [
      '2026-03-02T24:00:00Z',
      'at: "2026-03-02T24:00:00Z" is no time of day; write it as 2026-03-02T10:00:00Z',
    ],
    [
      '2026-03-02T10:60:00Z',
      'at: "2026-03-02T10:60:00Z" is no time of day; write it as 2026-03-02T10:00:00Z',
    ],
    [
      '2026-03-02T10:00:00+24:00',
      'at: "2026-03-02T10:00:00+24:00" is no time of day; write it as 2026-03-02T10:00:00Z',
    ],
    ['2026-03-0xT10:00:00Z', 'at: "2026-03-0xT10:00:00Z" is no instant; write it as 2026-03-02T10:00:00Z'],
    ['yesterday', 'at: "yesterday" is no instant; write it as 2026-03-02T10:00:00Z'],
    ['', 'at: "" is no instant; write it as 2026-03-02T10:00:00Z'],
    [true, 'at: true is no instant; write it as 2026-03-02T10:00:00Z'],
    [0, 'at: 0 is no instant; write it as 2026-03-02T10:00:00Z'],
    [Number.NaN, 'at: null is no instant; write it as 2026-03-02T10:00:00Z'],
    [
      1_772_445_600,
      'at: 1772445600 looks like seconds; write milliseconds since 1970, or 2026-03-02T10:00:00Z',
    ],
  ])('refuses %j', (value, message) => {
    expect(() => parseInstant(value, 'at')).toThrow(message)
  })

  test('reads every instant that is written', () => {
    const years0to9999 = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 })
    fc.assert(fc.property(years0to9999, (ms) => parseInstant(formatInstant(ms), 'at') === ms))
  })

  test('an offset moves the instant the other way', () => {
    const minutes = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 })
    fc.assert(
      fc.property(minutes, (offset) => {
        const size = Math.abs(offset)
        const hours = String(Math.floor(size / 60)).padStart(2, '0')
        const rest = String(size % 60).padStart(2, '0')
        const text = `2026-03-02T10:00:00${offset < 0 ? '-' : '+'}${hours}:${rest}`
        expect(parseInstant(text, 'at')).toBe(at - offset * 60_000)
      }),
    )
  })
})
