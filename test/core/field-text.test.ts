import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fieldText, fieldTexts } from '../../core/field-names.ts'
import { encodeFields } from '../../core/line-protocol.ts'

const name = fc.constantFrom('n', 'failed', 'a_n', 'n_a', 'lead_time_n', 'x y', 'a=b', 'a,n')
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer().map((int) => ({ int })),
  fc.boolean(),
  // Texts that look like fields.
  fc
    .array(fc.constantFrom('n=', ',n=1i', '"', '\\', ' ', 'failed', ','), { maxLength: 6 })
    .map((all) => all.join('')),
)

test('reads the same as reading all fields does, whatever stands around it', () => {
  fc.assert(
    fc.property(fc.dictionary(name, value, { minKeys: 1 }), name, (fields, sought) => {
      const text = encodeFields(fields)
      expect(fieldText(text, sought)).toBe(fieldTexts(text).get(sought))
    }),
    { numRuns: 5000 },
  )
})
