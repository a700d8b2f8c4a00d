/** Of `dora_deployment`. */
export const deploymentColumns = [
  'environment',
  'id',
  'outcome',
  'kind',
  'changes',
  'version',
  'lead_time_p50_s',
  'recovery_s',
  'url',
]
/** Of `dora_incident`. */
export const incidentFields = ['id', 'severity', 'rule', 'attributed_to', 'recovery_s', 'open', 'url']
/** Of `dora_change`. */
export const changeFields = [
  'id',
  'lead_time_s',
  'coding_s',
  'pickup_s',
  'review_s',
  'deploy_s',
  'size',
  'excluded',
  'deployment',
  'url',
]
