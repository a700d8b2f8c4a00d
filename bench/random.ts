/** Numbers from a seed, the same on every machine: mulberry32. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number in [from, to]. */
  between(from: number, to: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** 40 hexadecimal digits. */
  sha(): string
}

export function randomFrom(seed: number): Random {
  // Seeds of neighbours must not give neighbouring numbers.
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0
  const word = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const next = () => word() / 4_294_967_296
  const random: Random = {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)]!,
    sha() {
      let text = ''
      for (let part = 0; part < 5; part += 1) text += word().toString(16).padStart(8, '0')
      return text
    },
  }
  return random
}
