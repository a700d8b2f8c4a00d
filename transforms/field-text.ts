import { mostCount, type Duration, type Rate } from './measures.ts'

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

/**
 * `name_n`, `name_p50` and `name_p90` with a unit behind, to the thousandth: between ranks lie numbers of 17 digits,
 * and writing those takes twice as long. The text is put together again for another object only.
 */
export function spreadWriter(name: string, unit = ''): (spread: Duration) => string {
  const p50Name = `${name}_p50${unit}`
  const p90Name = `${name}_p90${unit}`
  let last: Duration | undefined
  let text = ''
  return (spread) => {
    if (spread !== last) {
      last = spread
      const { n, p50, p90 } = spread
      text =
        p50 === null || p90 === null
          ? `,${name}_n=${n}i`
          : `,${name}_n=${n}i,${p50Name}=${rounded(p50)},${p90Name}=${rounded(p90)}`
    }
    return text
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
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
