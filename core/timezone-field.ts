import { Temporal } from 'temporal-polyfill'
import type { z } from 'zod'
import { Rejected } from './errors.ts'
import { shown } from './instant.ts'
import { nearest } from './nearest.ts'
import { textField } from './setting-fields.ts'

/** An IANA time zone. */
export function timezoneField(): z.ZodType<string, string> {
  return textField(
    (text) => {
      try {
        Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text)
        return text
      } catch {
        const near = nearest(text, Intl.supportedValuesOf('timeZone'))
        const right = near ? `did you mean ${near}?` : 'write one such as UTC or Europe/Berlin'
        throw new Rejected(`${shown(text)} is no time zone; ${right}`)
      }
    },
    ['Europe/Berlin'],
  )
}
