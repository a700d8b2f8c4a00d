import * as fc from 'fast-check'
import { test } from 'vitest'
import { holds } from './equality.ts'
import { lives } from './lives.ts'
import { runsOf } from './runs.ts'

/** How many lives; the long run takes many more. */
const runs = runsOf(70, 0.25)

test(
  `after any sequence of refreshes, points and report equal those of a rebuild and of a new store (${runs.numRuns} lives)`,
  { timeout: 3_600_000 },
  async () => {
    await fc.assert(fc.asyncProperty(lives(), holds), runs)
  },
)
