import { encodeFields, encodeSeries } from '../core/line-protocol.ts'
import type { FieldValue } from '../core/point.ts'
import type { FlakyWindow, NamedTest } from './flaky.ts'
import type { EncodedPoint } from './window-points.ts'

/** The `dora_flaky` point of a repository's window that ends at `at`; undefined where no report is in it. */
export function flakyPoint(
  tags: { service: string; repository: string },
  at: number,
  window: Pick<FlakyWindow, 'reports' | 'tests' | 'runs' | 'failures'>,
  ranked: readonly NamedTest[],
): EncodedPoint | undefined {
  if (window.reports === 0) return undefined
  const fields: Record<string, FieldValue> = {
    n: { int: window.reports },
    tests: { int: window.tests },
    runs: { int: window.runs },
    failures: { int: window.failures },
    flaky: { int: ranked.length },
  }
  const [worst] = ranked
  if (worst) {
    fields['worst'] = fullName(worst)
    fields['worst_runs'] = { int: worst.runs }
    fields['worst_failures'] = { int: worst.failures }
  }
  return { series: encodeSeries('dora_flaky', tags), at, nanos: 0, fields: encodeFields(fields) }
}

export function fullName({ suite, name }: Pick<NamedTest, 'suite' | 'name'>): string {
  return suite === '' ? name : `${suite} › ${name}`
}
