/** What was rejected or could not be known. Nothing is dropped without one. */
export interface Finding {
  kind: FindingKind
  /** `*` where it is about a source, a sink or several services; empty, or a name that no service has, where it has none. */
  service: string
  environment?: string
  /** The id of the deployment, change or incident, the sha of a commit, the service, or what is configured. */
  subject: string
  detail: string
  /** Of a cause that was not found here: the incident, for another service that it names may have it. */
  incident?: string
  /** Where it is about several services: which. */
  services?: readonly string[]
}

export type FindingKind =
  | 'source_failed'
  | 'source_behind'
  | 'source_unread'
  | 'sink_behind'
  | 'point_rejected'
  | 'environment_not_production'
  | 'no_production_deployment'
  | 'repository_unknown'
  | 'incident_name_unknown'
  | 'repository_without_deployments'
  | 'incident_without_service'
  | 'deployment_without_commit'
  | 'no_commits'
  | 'commit_unknown'
  | 'baseline_unresolved'
  | 'paths_unknown'
  | 'cause_not_found'
  | 'first_commit_unknown'
  | 'negative_lead_time'
  | 'phase_out_of_order'
  | 'negative_recovery'
  | 'negative_duration'
  | 'recovery_unknown'
  | 'row_skipped'
  | 'line_skipped'

/** A total order, so that a list does not depend on the order in which the facts came: kind, service, environment, subject, detail. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.kind, b.kind) ||
    compareText(a.service, b.service) ||
    compareText(a.environment ?? '', b.environment ?? '') ||
    compareText(a.subject, b.subject) ||
    compareText(a.detail, b.detail)
  )
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
