/** What was rejected or could not be known. Nothing is dropped without one. */
export interface Finding {
  kind: FindingKind
  service: string
  environment?: string
  /** The id of the deployment, change or incident, the sha of a commit, or the service. */
  subject: string
  detail: string
  /** Of a cause that was not found here: the incident, for another service that it names may have it. */
  incident?: string
}

export type FindingKind =
  | 'baseline_unresolved'
  | 'no_commits'
  | 'deployment_without_commit'
  | 'commit_unknown'
  | 'paths_unknown'
  | 'first_commit_unknown'
  | 'negative_lead_time'
  | 'phase_out_of_order'
  | 'recovery_unknown'
  | 'negative_recovery'
  | 'cause_not_found'
  | 'incident_without_service'
  | 'negative_duration'
