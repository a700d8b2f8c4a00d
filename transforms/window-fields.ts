import type { Edition } from '../core/bands.ts'
import { windowBands } from './report.ts'
import { floatWriter, rateWriter } from './field-text.ts'
import { remembered } from './measures.ts'
import type { WindowValue } from './window-value.ts'

/**
 * Writes the fields of `dora_window` in line protocol: every number of a window, counts as integers, all else as
 * floats. What is null or held is absent, and its n is there unless it is held. A year of a thousand services is a
 * million of these lines, so the text is put together here at once; a test compares it with the general encoder.
 */
export function windowFieldsWriter(edition: Edition, isService: boolean): (value: WindowValue) => string {
  const changeFailRate = rateWriter('change_fail_rate')
  const reworkRate = rateWriter('rework_rate')
  const coverageDays = floatWriter('coverage_days')
  const frequency = floatWriter('deployment_frequency_per_day')
  const leadTimeP50 = floatWriter('lead_time_p50_s')
  const leadTimeP90 = floatWriter('lead_time_p90_s')
  const leadTimeP95 = floatWriter('lead_time_p95_s')
  const recoveryP50 = floatWriter('recovery_time_p50_s')
  const recoveryP90 = floatWriter('recovery_time_p90_s')
  const fromDeploymentP50 = floatWriter('recovery_time_from_deployment_p50_s')
  const fromDeploymentP90 = floatWriter('recovery_time_from_deployment_p90_s')
  const incidentP50 = floatWriter('incident_recovery_time_p50_s')
  const incidentP90 = floatWriter('incident_recovery_time_p90_s')

  const leadTimeText = remembered((leadTime: WindowValue['leadTime']) => {
    return (
      `,lead_time_n=${leadTime.n}i${leadTimeP50(leadTime.p50)}` +
      `${leadTimeP90(leadTime.p90)}${leadTimeP95(leadTime.p95)}` +
      `,lead_time_excluded_bots=${leadTime.excludedBots}i`
    )
  })
  const recoveryTimeText = remembered((recoveryTime: WindowValue['recoveryTime']) => {
    const { fromDeployment } = recoveryTime
    return (
      `,recovery_time_n=${recoveryTime.n}i${recoveryP50(recoveryTime.p50)}` +
      recoveryP90(recoveryTime.p90) +
      `,recovery_time_open=${recoveryTime.open}i,recovery_time_unknown=${recoveryTime.unknown}i` +
      `,recovery_time_from_deployment_n=${fromDeployment.n}i` +
      fromDeploymentP50(fromDeployment.p50) +
      fromDeploymentP90(fromDeployment.p90)
    )
  })
  const incidentsText = remembered((incidents: WindowValue['incidents']) => {
    return (
      `,incidents_started=${incidents.started}i,incidents_attributed=${incidents.attributed}i` +
      `,incident_recovery_time_n=${incidents.recoveryTime.n}i` +
      incidentP50(incidents.recoveryTime.p50) +
      incidentP90(incidents.recoveryTime.p90)
    )
  })

  return (value) => {
    const { deployments, leadTime, recoveryTime, incidents, held } = value
    const bands = windowBands(value, edition, isService)
    let text =
      `n=${deployments}i${coverageDays(value.coverageDays)},deployments=${deployments}i` +
      `,successful=${value.successful}i,rollbacks=${value.rollbacks}i,deployment_days=${value.deploymentDays}i` +
      frequency(value.deploymentFrequency) +
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

function band(name: string, value: string | null): string {
  return value === null ? '' : `,${name}="${value}"`
}
