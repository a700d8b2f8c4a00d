import { z } from 'zod'
import { parseDuration } from './duration.ts'
import { messageOf } from './errors.ts'

/**
 * A setting that names a file or folder. A relative one starts at the folder of the configuration file, not
 * at the one the command was called in. The mark is lost when a check is added behind it.
 */
export function filePath(): z.ZodString {
  return z.string().min(1).meta({ filePath: true })
}

/** A setting such as `30m` or `7d`; its output is milliseconds. */
export function durationField(example = '7d'): z.ZodType<number, string> {
  return textField((text) => parseDuration(text), [example])
}

/** A text that `read` checks and converts; what `read` throws is the problem that the user is told. */
export function textField<Value>(
  read: (text: string) => Value,
  examples: readonly unknown[] = [],
): z.ZodType<Value, string> {
  return z
    .string()
    .meta(examples.length === 0 ? {} : { examples: [...examples] })
    .transform((text, context): Value => {
      try {
        return read(text)
      } catch (error) {
        context.issues.push({ code: 'custom', message: messageOf(error), input: text })
        return z.NEVER
      }
    })
}

/** A list, of which a single text may be written as it is. */
export function textOrList<Items extends z.ZodType>(list: Items) {
  return z.preprocess((value) => (typeof value === 'string' ? [value] : value), list)
}
