import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { differences } from '../reference/compare.ts'
import { histories, type History } from '../reference/histories.ts'
import { referenceReport } from '../reference/reference.ts'

/** How many histories; the long run takes many more. */
const runs = Number(process.env['HISTORIES'] ?? 300)
const windows = ['7d', '30d', '90d']

/**
 * Each service is derived by itself. So where an incident of several services states causes, every service looks for
 * them on its own, while the reference lets a cause that matches in one service hold for all of them; and where there
 * is no `since`, so that each service is covered from its own first deployment, what an incident did to a service
 * before that is not counted for the others.
 */
function looksAcrossServices({ config, facts }: History): boolean {
  return facts.some((fact) => {
    if (fact['kind'] !== 'incident' || (fact['causedBy'] === undefined && config.since !== undefined))
      return false
    const named = [fact['service'], ...(fact['services'] ?? [])]
    return new Set(named).size > 1
  })
}

/** Of a commit of which nothing is known, the two say different things; neither is a number. */
function aboutNumbers(difference: string): boolean {
  return !difference.startsWith('dataQuality: {"kind":"paths_unknown"')
}

test(
  `the report equals that of the reference on ${runs} generated histories`,
  { timeout: 3_600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        histories().filter((history) => !looksAcrossServices(history)),
        async (history) => {
          const { config, facts, asOf } = history
          const { report, store } = await analyse(config, facts, asOf)
          store.close()
          const expected = referenceReport(config, facts, asOf, windows)
          expect(differences(expected, JSON.parse(JSON.stringify(report))).filter(aboutNumbers)).toEqual([])
        },
      ),
      { numRuns: runs },
    )
  },
)
