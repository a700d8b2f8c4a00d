import { Point as ClientPoint } from '@influxdata/influxdb-client'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Rejected } from '../../core/errors.ts'
import {
  decodeSeries,
  encodeFields,
  encodePoint,
  encodeSeries,
  encodeTime,
} from '../../core/line-protocol.ts'
import type { FieldValue, Point } from '../../core/point.ts'

const tags = { window: '7d', service: 'checkout' }

describe('a series', () => {
  test('is the measurement and its tags, sorted by key', () => {
    expect(encodeSeries('dora_window', tags)).toBe('dora_window,service=checkout,window=7d')
  })

  test('escapes what separates', () => {
    expect(encodeSeries('a b,c', { 'k =,': 'v =,' })).toBe(String.raw`a\ b\,c,k\ \=\,=v\ \=\,`)
  })

  test('keeps a backslash inside a value and turns one at its end into a slash', () => {
    expect(encodeSeries('m', { path: String.raw`C:\apps\shop` })).toBe(String.raw`m,path=C:\apps\shop`)
    expect(encodeSeries('m', { path: 'C:\\apps\\\\' })).toBe('m,path=C:\\apps//')
  })

  test.each([
    ['an empty measurement', '', tags, 'a measurement needs a name'],
    ['a comment', '#m', tags, 'measurement #m would be read as a comment'],
    ['a line break in the measurement', 'a\nb', tags, String.raw`measurement "a\nb" contains a line break`],
    ['a backslash at its end', 'a\\', tags, String.raw`measurement "a\\" ends in a backslash`],
    ['an empty tag', 'm', { a: '' }, 'tag a of m is empty: the point would land in another series'],
    ['an empty tag key', 'm', { '': 'x' }, 'tag key "" of m is empty'],
    [
      'a backslash at the end of a key',
      'm',
      { 'a\\': 'x' },
      String.raw`tag key "a\\" of m ends in a backslash`,
    ],
    ['a line break in a tag', 'm', { a: 'x\ry' }, 'tag a of m contains a line break'],
    ['a tag called time', 'm', { time: 'x' }, `tag key "time" of m is reserved for the point's instant`],
  ])('with %s is rejected', (_, measurement, given, reason) => {
    expect(() => encodeSeries(measurement, given)).toThrow(new Rejected(reason))
  })

  test('can be read back', () => {
    fc.assert(
      fc.property(name, fc.dictionary(name, tagValue, { maxKeys: 5 }), (measurement, given) => {
        expect(decodeSeries(encodeSeries(measurement, given))).toEqual({ measurement, tags: { ...given } })
      }),
    )
  })
})

describe('fields', () => {
  test('keep their order and their types', () => {
    const fields = { n: { int: 42 }, rate: 1, ratio: 0.25, url: 'a b', failed: true, open: false }
    expect(encodeFields(fields)).toBe('n=42i,rate=1,ratio=0.25,url="a b",failed=true,open=false')
  })

  test('escape quotes and backslashes, and put a string on one line', () => {
    expect(encodeFields({ 'a =,': 'say "hi" \\ to\r\nall\n' })).toBe(
      String.raw`a\ \=\,="say \"hi\" \\ to all "`,
    )
  })

  test.each<[string, Record<string, FieldValue>, string]>([
    ['no field', {}, 'a point without fields cannot be stored'],
    ['NaN', { a: Number.NaN }, 'field a is NaN: only finite numbers are stored'],
    ['Infinity', { a: -Infinity }, 'field a is -Infinity: only finite numbers are stored'],
    ['half an integer', { a: { int: 1.5 } }, 'field a is 1.5: no exact integer'],
    ['an integer beyond 2^53', { a: { int: 2 ** 53 } }, 'field a is 9007199254740992: no exact integer'],
    ['an empty key', { '': 1 }, 'field key "" is empty'],
    ['a field called time', { time: 1 }, `field key "time" is reserved for the point's instant`],
  ])('with %s are rejected', (_, fields, reason) => {
    expect(() => encodeFields(fields)).toThrow(new Rejected(reason))
  })
})

describe('the instant', () => {
  test('is in nanoseconds', () => {
    expect(encodeTime(1_780_000_000_123, 45)).toBe('1780000000123000045')
    expect(encodeTime(0, 45)).toBe('45')
  })

  test('is exact wherever it can be stored', () => {
    const at = fc.integer({ min: 0, max: 9_223_372_036_853 })
    fc.assert(
      fc.property(at, fc.integer({ min: 0, max: 999_999 }), (ms, nanos) => {
        expect(BigInt(encodeTime(ms, nanos))).toBe(BigInt(ms) * 1_000_000n + BigInt(nanos))
      }),
    )
  })

  test.each([
    [-1, 0],
    [0.5, 0],
    [9_223_372_036_854, 0],
    [Number.NaN, 0],
    [0, -1],
    [0, 1_000_000],
    [0, 0.5],
  ])('%d ms and %d ns is rejected', (at, nanos) => {
    expect(() => encodeTime(at, nanos)).toThrow(Rejected)
  })
})

/** What the client library encodes rightly: nothing empty, no `__proto__`, no control characters, no trailing backslash. */
const name = fc
  .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
  .filter(
    (text) => !/[\p{Cc}\\]/u.test(text) && !text.startsWith('#') && text !== 'time' && text !== '__proto__',
  )
const tagValue = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  .filter((text) => !/\p{Cc}/u.test(text) && !text.endsWith('\\'))
const fieldValue: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'grapheme' }).filter((text) => !/[\n\r]/.test(text)),
  fc.boolean(),
  fc.maxSafeInteger().map((int) => ({ int })),
)

function byClient({ measurement, tags: given, fields, at, nanos }: Point): string | undefined {
  const point = new ClientPoint(measurement)
  for (const [key, value] of Object.entries(given)) point.tag(key, value)
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'number') point.floatField(key, value)
    else if (typeof value === 'string') point.stringField(key, value)
    // The client writes T and F, which mean the same.
    else if (typeof value === 'boolean') point.fields[key] = String(value)
    else point.intField(key, value.int)
  }
  return point.timestamp(String(BigInt(at) * 1_000_000n + BigInt(nanos))).toLineProtocol()
}

test('a line is the one that the client library makes, wherever that one is right', () => {
  const point = fc.record({
    measurement: name,
    tags: fc.dictionary(name, tagValue, { maxKeys: 6 }),
    fields: fc
      .dictionary(name, fieldValue, { minKeys: 1, maxKeys: 8 })
      .map((fields) => Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))),
    at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    nanos: fc.integer({ min: 0, max: 999_999 }),
  })
  fc.assert(
    fc.property(point, (one) => {
      // An object cannot hold integer-like keys in another order than by number.
      fc.pre(!Object.keys(one.fields).some((key) => /^\d+$/.test(key)))
      expect(encodePoint(one)).toBe(byClient(one))
    }),
    { numRuns: 2000 },
  )
})
