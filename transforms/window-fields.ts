import type { Edition } from '../core/bands.ts'
import { windowBands } from './report.ts'
import type { Rate, WindowValue } from './window-value.ts'

/**
 * Writes the fields of `dora_window` in line protocol: every number of a window, counts as integers, all else as
 * floats. What is null or held is absent, and its n is there unless it is held. A year of a thousand services is a
 * million of these lines, so the text is put together here at once; a test compares it with the general encoder.
 */
export function windowFieldsWriter(edition: Edition, isService: boolean): (value: WindowValue) => string {
  const rates = new Map<string, string>()
  const latest = new Map<string, { value: number; text: string }>()

  /** From one day to the next a number is mostly the same, and writing it out is what costs. */
  function rate(name: string, count: number | null, of: number, { value, low, high }: Rate): string {
    if (value === null) return ''
    const key = `${name} ${count} ${of}`
    let text = rates.get(key)
    if (text === undefined) {
      text = `,${name}=${value},${name}_low=${low},${name}_high=${high}`
      rates.set(key, text)
    }
    return text
  }

  function float(name: string, value: number | null): string {
    if (value === null) return ''
    const last = latest.get(name)
    if (last?.value === value) return last.text
    const text = `,${name}=${value}`
    latest.set(name, { value, text })
    return text
  }

  return (value) => {
    const { deployments, leadTime, recoveryTime, incidents, held } = value
    const bands = windowBands(value, edition, isService)
    let text =
      `n=${deployments}i${float('coverage_days', value.coverageDays)},deployments=${deployments}i` +
      `,successful=${value.successful}i,rollbacks=${value.rollbacks}i,deployment_days=${value.deploymentDays}i` +
      float('deployment_frequency_per_day', value.deploymentFrequency) +
      band('deployment_frequency_band', bands.deploymentFrequency)
    if (!held.includes('leadTime')) {
      text +=
        `,rework=${value.rework}i${rate('rework_rate', value.rework, deployments, value.reworkRate)}` +
        `,lead_time_n=${leadTime.n}i${float('lead_time_p50_s', leadTime.p50)}` +
        `${float('lead_time_p90_s', leadTime.p90)}${float('lead_time_p95_s', leadTime.p95)}` +
        `,lead_time_excluded_bots=${leadTime.excludedBots}i${band('lead_time_band', bands.leadTime)}`
    }
    if (!held.includes('incidents')) {
      const { fromDeployment } = recoveryTime
      text +=
        `,failed=${value.failed}i${rate('change_fail_rate', value.failed, deployments, value.changeFailRate)}` +
        band('change_fail_rate_band', bands.changeFailRate) +
        `,recovery_time_n=${recoveryTime.n}i${float('recovery_time_p50_s', recoveryTime.p50)}` +
        `${float('recovery_time_p90_s', recoveryTime.p90)}${band('recovery_time_band', bands.recoveryTime)}` +
        `,recovery_time_open=${recoveryTime.open}i,recovery_time_unknown=${recoveryTime.unknown}i` +
        `,recovery_time_from_deployment_n=${fromDeployment.n}i` +
        float('recovery_time_from_deployment_p50_s', fromDeployment.p50) +
        float('recovery_time_from_deployment_p90_s', fromDeployment.p90) +
        `,incidents_started=${incidents.started}i,incidents_attributed=${incidents.attributed}i` +
        `,incident_recovery_time_n=${incidents.recoveryTime.n}i` +
        float('incident_recovery_time_p50_s', incidents.recoveryTime.p50) +
        float('incident_recovery_time_p90_s', incidents.recoveryTime.p90)
    }
    return text
  }
}

function band(name: string, value: string | null): string {
  return value === null ? '' : `,${name}="${value}"`
}
