import { expect, test } from 'vitest'
import { explainedName } from '../../alerts/evidence.ts'
import { metricNames, metricOf } from '../../alerts/metrics.ts'
import { ciMetricOf } from '../../cli/ci-explain.ts'
import { isFlakyTests } from '../../cli/flaky-explain.ts'
import { explainedMetrics } from '../../transforms/explain.ts'

test.each(metricNames.filter((name) => metricOf(name).measurement !== 'dora_pipeline'))(
  'explain takes what an alert about %s tells to ask for',
  (name) => {
    const asked = explainedName(name)
    if (asked === undefined) return expect(name).toBe('qualityFindings')
    const known: readonly string[] = explainedMetrics
    return expect(known.includes(asked) || ciMetricOf(asked) !== undefined || isFlakyTests(asked)).toBe(true)
  },
)
