import { isoOf } from '../core/calendar.ts'
import type { Incident } from '../core/fact.ts'
import type { ServiceSettings } from '../core/service.ts'
import type { Track } from './derive.ts'
import type { Finding } from './finding.ts'
import type { KnownRepository } from './growth.ts'
import { keyOf, namedServices } from './rollout.ts'

/** Failed deployments of which nobody knows when they recovered. */
export function recoveryFindings(settings: ServiceSettings, { environment, deployments }: Track): Finding[] {
  const findings: Finding[] = []
  for (const { rollout, failure } of deployments) {
    if (failure?.recovery.state !== 'unknown') continue
    const { reason, detail } = failure.recovery
    findings.push({ kind: reason, service: settings.name, environment, subject: rollout.id, detail })
  }
  return findings
}

/** Incidents that ended before they began, and those whose stated cause was not found. */
export function incidentFindings(
  settings: ServiceSettings,
  tracks: readonly Track[],
  causeNotFound: readonly Incident[],
): Finding[] {
  const findings: Finding[] = []
  const concerning = new Set(tracks.flatMap((track) => track.incidents.map(({ incident }) => incident)))
  for (const { id, startedAt, resolvedAt } of concerning) {
    if (resolvedAt === undefined || resolvedAt >= startedAt) continue
    const detail = `started ${isoOf(startedAt)}, resolved ${isoOf(resolvedAt)}`
    findings.push({ kind: 'negative_recovery', service: settings.name, subject: id, detail })
  }
  for (const incident of causeNotFound) {
    const detail = `causedBy ${JSON.stringify(incident.causedBy)} matches no finished production deployment of ${namedServices(incident).join(', ')}`
    findings.push({
      kind: 'cause_not_found',
      service: settings.name,
      subject: incident.id,
      detail,
      incident: keyOf(incident),
    })
  }
  return findings
}

/** Where not one commit of the service is known, that is said once instead of at every deployment. */
export function withoutRepetition(
  settings: ServiceSettings,
  tracks: readonly Track[],
  findings: Finding[],
  repositoryOf: (name: string) => KnownRepository,
): Finding[] {
  const isAboutCommits = ({ kind }: Finding) => kind === 'baseline_unresolved' || kind === 'commit_unknown'
  if (!findings.some(({ kind }) => kind === 'baseline_unresolved')) return findings
  const names = new Set(
    tracks.flatMap(({ deployments }) => deployments.map(({ rollout }) => rollout.repository)),
  )
  for (const name of [...settings.repositories, ...names]) {
    if (repositoryOf(name).graph.knowsCommits) return findings
  }
  const detail = `no commit of ${[...names].filter(Boolean).join(', ') || 'its repository'} is known: there is no lead time`
  return [
    ...findings.filter((finding) => !isAboutCommits(finding)),
    { kind: 'no_commits', service: settings.name, subject: settings.name, detail },
  ]
}
