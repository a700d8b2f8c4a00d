import { hash } from 'node:crypto'

/** A stream of pseudo-random numbers that its seed determines wholly (mulberry32). */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** An integer in [low, high]. */
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** Log-normal around its median; a spread of 1 makes one value in six larger than 2.7 medians. */
  around(median: number, spread: number): number
  /** How many of something happen where `mean` are usual (Poisson). */
  count(mean: number): number
}

export function createRandom(seed: string): Random {
  let state = Number.parseInt(digest(seed).slice(0, 8), 16)

  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: (list) => list[Math.floor(next() * list.length)]!,
    around(median, spread) {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
      return median * Math.exp(spread * normal)
    },
    count(mean) {
      const limit = Math.exp(-mean)
      let product = next()
      let count = 0
      while (product > limit) {
        product *= next()
        count += 1
      }
      return count
    },
  }
}

/** 40 hexadecimal digits made of a text. */
export function digest(text: string): string {
  return hash('sha1', text)
}

/** An id as PagerDuty writes them: a letter and upper-case digits and letters made of a text. */
export function capitalId(letter: string, text: string, length: number): string {
  const digits = BigInt(`0x${digest(text)}`)
    .toString(36)
    .toUpperCase()
  return letter + digits.slice(0, length - 1)
}

export const secondMs = 1000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** The vendors' instants have whole seconds. */
export function wholeSecond(at: number): number {
  return Math.round(at / secondMs) * secondMs
}
