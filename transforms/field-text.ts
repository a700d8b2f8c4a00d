import type { Duration, Rate } from './measures.ts'

/** Pieces of fields in line protocol, each beginning with a comma; what is null is absent. */

/** Values mostly stay what they were in the window before, and writing numbers out is what costs. */
export function floatWriter(name: string): (value: number | null) => string {
  let last: number | null = null
  let text = ''
  return (value) => {
    if (value === null) return ''
    if (value !== last) {
      last = value
      text = `,${name}=${value}`
    }
    return text
  }
}

/** A rate with its interval: the same for the same counts. */
export function rateWriter(name: string): (count: number, of: number, rate: Rate) => string {
  const texts = new Map<number, string>()
  return (count, of, { value, low, high }) => {
    if (value === null) return ''
    const key = of * 0x4000000 + count
    let text = texts.get(key)
    if (text === undefined) {
      text = `,${name}=${value},${name}_low=${low},${name}_high=${high}`
      texts.set(key, text)
    }
    return text
  }
}

/** `name_n`, `name_p50` and `name_p90` with a unit behind; the text is put together again for another object only. */
export function spreadWriter(name: string, unit = ''): (spread: Duration) => string {
  const p50Text = floatWriter(`${name}_p50${unit}`)
  const p90Text = floatWriter(`${name}_p90${unit}`)
  let last: Duration | undefined
  let text = ''
  return (spread) => {
    if (spread !== last) {
      last = spread
      text = `,${name}_n=${spread.n}i${p50Text(spread.p50)}${p90Text(spread.p90)}`
    }
    return text
  }
}

/** A count a week: for the same coverage the same count is the same text. */
export function weeklyWriter(name: string): (count: number, perWeek: number, coverageDays: number) => string {
  let texts = new Map<number, string>()
  let lastDays = NaN
  return (count, perWeek, coverageDays) => {
    if (coverageDays !== lastDays) {
      texts = new Map()
      lastDays = coverageDays
    }
    let text = texts.get(count)
    if (text === undefined) texts.set(count, (text = `,${name}=${perWeek}`))
    return text
  }
}
