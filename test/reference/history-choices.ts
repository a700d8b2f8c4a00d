import * as fc from 'fast-check'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

/** One of the values, those that are repeated more often; shrinks to the first. */
export function some<const T extends readonly unknown[]>(...values: T): fc.Arbitrary<T[number]> {
  return fc.constantFrom(...values)
}

/** In so many of a hundred cases the first value, else one of the others. */
export function mostly<const T>(share: number, usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { withCrossShrink: true },
    { arbitrary: fc.constant(usual), weight: share },
    { arbitrary: fc.constantFrom(...others), weight: 100 - share },
  )
}

/** Chooses among what there is by then. */
export const pick = fc.nat({ max: 1000 })
export const waits = some(
  hour,
  10 * minute,
  30 * minute,
  0,
  hour + 1,
  2 * hour,
  5 * hour,
  day,
  day,
  'midnight',
  3 * day,
)
export const pathSets: fc.Arbitrary<readonly string[] | null> = fc.constantFrom(
  ['api/a.ts'],
  ['web/deep/x.ts'],
  ['lib/l.ts', 'README.md'],
  ['api/.env'],
  ['README.md'],
  ['apis/a.ts'],
  [],
  null,
)
export const titles = mostly(
  65,
  'Improve the cart',
  'Revert "Improve the cart"',
  'Revert "Revert "Improve the cart""',
  'Reverted',
)
