import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ascii, asciiLine } from '../../transforms/ascii-line.ts'

test('numbers are written as they are written out, those with a fraction to the thousandth', () => {
  const line = asciiLine()
  fc.assert(
    fc.property(fc.nat({ max: 1e12 }), fc.nat({ max: 1e12 }), (whole, thousandths) => {
      line.put(ascii('a='))
      line.integer(whole)
      line.put(ascii('i,b='))
      line.thousandths(thousandths / 1000)
      expect(line.take()).toBe(`a=${whole}i,b=${thousandths / 1000}`)
    }),
  )
})

test('what does not fit is refused and not cut off', () => {
  const line = asciiLine(4)
  line.put(ascii('12345'))
  expect(() => line.take()).toThrow(/a line of 5 bytes: at most 4 fit/)
})
