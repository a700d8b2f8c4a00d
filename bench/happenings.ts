import type { Deployment, Incident } from '../core/fact.ts'
import { subjects } from './main-branch.ts'
import type { Random } from './random.ts'

const minuteMs = 60_000
const severities = ['sev1', 'sev2', 'sev3', 'sev4']

export interface ToDeploy {
  repository: string
  url: string
  number: number
  sha: string
  at: number
  fails: boolean
  rollsBack: boolean
  random: Random
}

export function deploymentOf({
  repository,
  url,
  number,
  sha,
  at,
  fails,
  rollsBack,
  random,
}: ToDeploy): Deployment {
  const actor = `dev-${random.between(1, 400)}`
  const deployment: Deployment = {
    kind: 'deployment',
    source: 'github',
    id: String(number),
    environment: 'production',
    repository,
    sha,
    ref: 'main',
    version: `v1.${number}`,
    startedAt: at - random.between(2, 9) * minuteMs,
    finishedAt: at,
    outcome: fails ? 'failure' : 'success',
    url: `${url}/actions/runs/${number}`,
    actor,
  }
  if (rollsBack) deployment.isRollback = true
  return deployment
}

export function incidentOf(
  named: string,
  number: number,
  startedAt: number,
  resolvedAt: number | undefined,
  random: Random,
): Incident {
  const id = `Q${number.toString(36).toUpperCase()}`
  const incident: Incident = {
    kind: 'incident',
    source: 'pagerduty',
    id,
    service: named,
    startedAt,
    openedAt: startedAt + minuteMs,
    acknowledgedAt: startedAt + random.between(2, 9) * minuteMs,
    severity: random.pick(severities),
    title: `${random.pick(subjects)} answers with errors`,
    url: `https://incidents.example.com/${id}`,
  }
  if (resolvedAt !== undefined) incident.resolvedAt = resolvedAt
  return incident
}
