import * as fc from 'fast-check'
import { test } from 'vitest'
import { holds } from './equality.ts'
import { lives } from './lives.ts'

/** How many lives; the long run takes many more. */
const runs = Number(process.env['HISTORIES'] ?? 120)

test(
  `after any sequence of refreshes, points and report equal those of a rebuild and of a new store (${runs} lives)`,
  { timeout: 3_600_000 },
  async () => {
    await fc.assert(fc.asyncProperty(lives(), holds), { numRuns: runs })
  },
)
