import { bandOf, type Edition } from '../core/bands.ts'
import { floatWriter, rateWriter } from './field-text.ts'
import { remembered } from './measures.ts'
import type { WindowValue } from './window-value.ts'

/**
 * Writes the fields of `dora_window` in line protocol: every number of a window, counts as integers, all else as
 * floats. What is null or held is absent, and its n is there unless it is held. A year of a thousand services is a
 * million of these lines, so the text is put together here at once; a test compares it with the general encoder.
 */
export function windowFieldsWriter(edition: Edition, isService: boolean): (value: WindowValue) => string {
  const changeFailRate = rateWriter('change_fail_rate', (value) =>
    band('change_fail_rate_band', bandOf('changeFailRate', value, edition)),
  )
  const reworkRate = rateWriter('rework_rate')
  const countsText = countsWriter(edition, isService)
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
      `,lead_time_excluded_bots=${leadTime.excludedBots}i` +
      band('lead_time_band', bandOf('leadTime', leadTime.p50, edition))
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
      fromDeploymentP90(fromDeployment.p90) +
      band('recovery_time_band', bandOf('recoveryTime', recoveryTime.p50, edition))
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
    let text = countsText(value)
    if (!held.includes('leadTime')) {
      text +=
        `,rework=${value.rework}i${reworkRate(value.rework!, deployments, value.reworkRate)}` +
        leadTimeText(leadTime)
    }
    if (!held.includes('incidents')) {
      text +=
        `,failed=${value.failed}i${changeFailRate(value.failed!, deployments, value.changeFailRate)}` +
        recoveryTimeText(recoveryTime) +
        incidentsText(incidents)
    }
    return text
  }
}

/** What is never held: much the same counts come again and again, as long as the coverage stays as it is. */
function countsWriter(edition: Edition, isService: boolean): (value: WindowValue) => string {
  let texts = new Map<number, string>()
  let lastDays = NaN
  return (value) => {
    const { coverageDays, deployments, successful, rollbacks, deploymentDays } = value
    if (coverageDays !== lastDays) {
      texts = new Map()
      lastDays = coverageDays
    }
    const isKept = deployments < 8192 && rollbacks < 1024 && deploymentDays < 512
    const key = ((deployments * 8192 + successful) * 1024 + rollbacks) * 512 + deploymentDays
    const kept = isKept ? texts.get(key) : undefined
    if (kept !== undefined) return kept
    const frequency = value.deploymentFrequency
    const text =
      `n=${deployments}i,coverage_days=${coverageDays},deployments=${deployments}i` +
      `,successful=${successful}i,rollbacks=${rollbacks}i,deployment_days=${deploymentDays}i` +
      `,deployment_frequency_per_day=${frequency}` +
      (isService ? band('deployment_frequency_band', bandOf('deploymentFrequency', frequency, edition)) : '')
    if (isKept) texts.set(key, text)
    return text
  }
}

function band(name: string, value: string | null): string {
  return value === null ? '' : `,${name}="${value}"`
}
