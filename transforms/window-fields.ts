import type { Edition } from '../core/bands.ts'
import { windowBands } from './report.ts'
import { remembered, type Rate, type WindowValue } from './window-value.ts'

/**
 * Writes the fields of `dora_window` in line protocol: every number of a window, counts as integers, all else as
 * floats. What is null or held is absent, and its n is there unless it is held. A year of a thousand services is a
 * million of these lines, so the text is put together here at once; a test compares it with the general encoder.
 */
export function windowFieldsWriter(edition: Edition, isService: boolean): (value: WindowValue) => string {
  const changeFailRate = rateWriter('change_fail_rate')
  const reworkRate = rateWriter('rework_rate')
  const latest = new Map<string, { value: number; text: string }>()

  function float(name: string, value: number | null): string {
    if (value === null) return ''
    const last = latest.get(name)
    if (last?.value === value) return last.text
    const text = `,${name}=${value}`
    latest.set(name, { value, text })
    return text
  }

  const leadTimeText = remembered((leadTime: WindowValue['leadTime']) => {
    return (
      `,lead_time_n=${leadTime.n}i${float('lead_time_p50_s', leadTime.p50)}` +
      `${float('lead_time_p90_s', leadTime.p90)}${float('lead_time_p95_s', leadTime.p95)}` +
      `,lead_time_excluded_bots=${leadTime.excludedBots}i`
    )
  })
  const recoveryTimeText = remembered((recoveryTime: WindowValue['recoveryTime']) => {
    const { fromDeployment } = recoveryTime
    return (
      `,recovery_time_n=${recoveryTime.n}i${float('recovery_time_p50_s', recoveryTime.p50)}` +
      float('recovery_time_p90_s', recoveryTime.p90) +
      `,recovery_time_open=${recoveryTime.open}i,recovery_time_unknown=${recoveryTime.unknown}i` +
      `,recovery_time_from_deployment_n=${fromDeployment.n}i` +
      float('recovery_time_from_deployment_p50_s', fromDeployment.p50) +
      float('recovery_time_from_deployment_p90_s', fromDeployment.p90)
    )
  })
  const incidentsText = remembered((incidents: WindowValue['incidents']) => {
    return (
      `,incidents_started=${incidents.started}i,incidents_attributed=${incidents.attributed}i` +
      `,incident_recovery_time_n=${incidents.recoveryTime.n}i` +
      float('incident_recovery_time_p50_s', incidents.recoveryTime.p50) +
      float('incident_recovery_time_p90_s', incidents.recoveryTime.p90)
    )
  })

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
        `,rework=${value.rework}i${reworkRate(value.rework!, deployments, value.reworkRate)}` +
        leadTimeText(leadTime) +
        band('lead_time_band', bands.leadTime)
    }
    if (!held.includes('incidents')) {
      text +=
        `,failed=${value.failed}i${changeFailRate(value.failed!, deployments, value.changeFailRate)}` +
        band('change_fail_rate_band', bands.changeFailRate) +
        recoveryTimeText(recoveryTime) +
        band('recovery_time_band', bands.recoveryTime) +
        incidentsText(incidents)
    }
    return text
  }
}

/** From one window to the next a rate is mostly the same, and writing numbers out is what costs. */
function rateWriter(name: string): (count: number, of: number, rate: Rate) => string {
  const texts = new Map<number, string>()
  return (count, of, { value, low, high }) => {
    if (value === null) return ''
    const key = of * 0x4000000 + count
    let text = texts.get(key)
    if (text === undefined) {
      text = `,${name}=${value},${name}_low=${low},${name}_high=${high}`
      texts.set(key, text)
    }
    return text
  }
}

function band(name: string, value: string | null): string {
  return value === null ? '' : `,${name}="${value}"`
}
