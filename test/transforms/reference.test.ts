import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { differences } from '../reference/compare.ts'
import { runsOf } from '../properties/runs.ts'
import { legible } from '../properties/shown.ts'
import { histories } from '../reference/histories.ts'
import { referenceReport } from '../reference/reference.ts'

/** How many histories; the long run takes many more. */
const runs = runsOf(300, 1)
const windows = ['7d', '30d', '90d']

test(
  `the report equals that of the reference on ${runs.numRuns} generated histories`,
  { timeout: 3_600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(histories().map(legible), async (history) => {
        const { config, facts, asOf } = history
        const { report: whole, store } = await analyse(config, facts, asOf)
        store.close()
        // CI and flaky tests are compared in test/ci, with a count of their own.
        const { ci: _, flakyTests: __, ...report } = whole
        const expected = referenceReport(config, facts, asOf, windows)
        expect(differences(expected, JSON.parse(JSON.stringify(report)))).toEqual([])
      }),
      runs,
    )
  },
)
