import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimalText } from '../../core/decimal-text.ts'

test.each([0, -0, 1, 0.001, 0.01, 0.1, 1.05, 60, 2147483.647, 2147483.648, 1e21, 1e-7, -1.5, Infinity])(
  '%d is written as String does',
  (value) => {
    expect(decimalText(value)).toBe(String(value))
  },
)

test('any number is written as String does', () => {
  const written = (value: number) => {
    expect(decimalText(value)).toBe(String(value))
  }
  fc.assert(fc.property(fc.double(), written), { numRuns: 2000 })
  fc.assert(
    fc.property(fc.integer({ min: -1e4, max: 3e9 }), (scaled) => written(scaled / 1000)),
    { numRuns: 5000 },
  )
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), (a, b) => written((a + (b - a) * 0.9) / 1000)),
    { numRuns: 2000 },
  )
})
