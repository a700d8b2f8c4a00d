import { decimalText } from '../core/decimal-text.ts'
import { mostCount, type Rate } from './measures.ts'

/** Pieces of fields in line protocol, each beginning with a comma; what is null is absent. */

/** Values mostly stay what they were in the window before, and writing numbers out is what costs. */
export function floatWriter(name: string): (value: number | null) => string {
  let last: number | null = null
  let text = ''
  return (value) => {
    if (value === null) return ''
    if (value !== last) {
      last = value
      text = `,${name}=${decimalText(value)}`
    }
    return text
  }
}

/** A rate with its interval and what follows from it: the same for the same counts. */
export function rateWriter(
  name: string,
  behind: (value: number) => string = () => '',
): (count: number, of: number, rate: Rate) => string {
  const texts = new Map<number, string>()
  return (count, of, { value, low, high }) => {
    if (value === null) return ''
    const key = of * mostCount + count
    let text = texts.get(key)
    if (text === undefined) {
      text = `,${name}=${value},${name}_low=${low},${name}_high=${high}${behind(value)}`
      texts.set(key, text)
    }
    return text
  }
}
