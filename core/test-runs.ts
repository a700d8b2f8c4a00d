/** Test reports as they are counted: tests by their numbers, of which those of one repository lie close together. */
export interface TestRuns {
  at: number
  /** Of the report. */
  id: string
  /** Of the CI run. */
  run: string | null
  /** Ranges of tests that passed once, or failed once: first, end (no longer part of it), first, end, … */
  passed: readonly number[]
  failed: readonly number[]
  /** Tests that did anything else, with how often. */
  more: readonly (readonly [test: number, passed: number, failed: number])[]
}
