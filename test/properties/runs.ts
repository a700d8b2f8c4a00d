/** How many cases a property is tried on, and from which seed; as fast-check takes them. */
export interface Runs {
  numRuns: number
  seed?: number
}

/**
 * `usual` many in every test run, always the same ones. With HISTORIES=10000 that `share` of so many, and new ones
 * each time: what fails is shown with its seed, and SEED brings it back.
 */
export function runsOf(usual: number, share: number): Runs {
  const { HISTORIES: many, SEED: seed } = process.env
  if (many === undefined) return { numRuns: usual, seed: 1 }
  return { numRuns: Math.ceil(Number(many) * share), ...(seed === undefined ? {} : { seed: Number(seed) }) }
}
