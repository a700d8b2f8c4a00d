import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFields } from '../../core/line-protocol.ts'
import { fieldNames } from '../../core/field-names.ts'
import type { Held } from '../../transforms/coverage.ts'
import { windowFieldsWriter } from '../../transforms/window-fields.ts'
import type { Duration } from '../../transforms/measures.ts'
import type { WindowValue } from '../../transforms/window-value.ts'

const count = fc.nat({ max: 50 })
const seconds = fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }))
const duration: fc.Arbitrary<Duration> = fc.record({ n: count, p50: seconds, p90: seconds })
const rate = fc.record({ value: seconds, low: seconds, high: seconds })
const value: fc.Arbitrary<WindowValue> = fc
  .record({
    from: fc.constant(0),
    to: fc.constant(1),
    coverageDays: fc.double({ min: 0.1, max: 90, noNaN: true }),
    deployments: count,
    successful: count,
    failed: count,
    rework: count,
    rollbacks: count,
    deploymentDays: count,
    deploymentFrequency: fc.double({ min: 0, max: 50, noNaN: true }),
    leadTime: fc.record({
      n: count,
      p50: seconds,
      p90: seconds,
      p95: seconds,
      bots: fc.constant('excluded' as const),
      excludedBots: count,
    }),
    changeFailRate: rate,
    recoveryTime: fc.record({
      n: count,
      p50: seconds,
      p90: seconds,
      open: count,
      unknown: count,
      fromDeployment: duration,
    }),
    reworkRate: rate,
    incidents: fc.record({ started: count, attributed: count, recoveryTime: duration }),
    held: fc.constant<Held[]>([]),
    changes: fc.constant(undefined),
  })
  // A rate is the same wherever its counts are.
  .map((each) => ({
    ...each,
    changeFailRate: rateOf(each.failed, each.deployments),
    reworkRate: rateOf(each.rework, each.deployments),
  }))

function rateOf(of: number, all: number) {
  return all === 0
    ? { value: null, low: null, high: null }
    : { value: of / all, low: of / all / 2, high: of / all + 1 }
}

/** The fields as the general encoder writes them: by name, so that it shares nothing but the names. */
function expected(window: WindowValue): string[] {
  const { leadTime, recoveryTime, incidents, changeFailRate, reworkRate } = window
  const floats = {
    coverage_days: window.coverageDays,
    deployment_frequency_per_day: window.deploymentFrequency,
    rework_rate: reworkRate.value,
    rework_rate_low: reworkRate.low,
    rework_rate_high: reworkRate.high,
    lead_time_p50_s: leadTime.p50,
    lead_time_p90_s: leadTime.p90,
    lead_time_p95_s: leadTime.p95,
    change_fail_rate: changeFailRate.value,
    change_fail_rate_low: changeFailRate.low,
    change_fail_rate_high: changeFailRate.high,
    recovery_time_p50_s: recoveryTime.p50,
    recovery_time_p90_s: recoveryTime.p90,
    recovery_time_from_deployment_p50_s: recoveryTime.fromDeployment.p50,
    recovery_time_from_deployment_p90_s: recoveryTime.fromDeployment.p90,
    incident_recovery_time_p50_s: incidents.recoveryTime.p50,
    incident_recovery_time_p90_s: incidents.recoveryTime.p90,
  }
  const integers = {
    n: window.deployments,
    deployments: window.deployments,
    successful: window.successful,
    failed: window.failed!,
    rework: window.rework!,
    rollbacks: window.rollbacks,
    deployment_days: window.deploymentDays,
    lead_time_n: leadTime.n,
    lead_time_excluded_bots: leadTime.excludedBots,
    recovery_time_n: recoveryTime.n,
    recovery_time_open: recoveryTime.open,
    recovery_time_unknown: recoveryTime.unknown,
    recovery_time_from_deployment_n: recoveryTime.fromDeployment.n,
    incidents_started: incidents.started,
    incidents_attributed: incidents.attributed,
    incident_recovery_time_n: incidents.recoveryTime.n,
  }
  return [
    ...Object.entries(floats).flatMap(([name, float]) =>
      float === null ? [] : [encodeFields({ [name]: float })],
    ),
    ...Object.entries(integers).map(([name, int]) => encodeFields({ [name]: { int } })),
  ].sort()
}

test('the fields of a window are those that the general encoder writes, one after another', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), (windows) => {
      const write = windowFieldsWriter('2023', false)
      for (const window of windows) {
        const fields = write(window)
          .split(',')
          .filter((field) => !field.includes('_band='))
        expect(fields.sort()).toEqual(expected(window))
      }
    }),
  )
})

test('what is held has no field, not even a count', () => {
  fc.assert(
    fc.property(value, (window) => {
      const names = fieldNames(
        windowFieldsWriter('2023', true)({ ...window, held: ['incidents', 'leadTime'] }),
      )
      expect(names.filter((name) => /fail|recovery|incident|lead_time|rework/.test(name))).toEqual([])
      expect(names).toContain('deployments')
    }),
  )
})
