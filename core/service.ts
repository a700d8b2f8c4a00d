import type { BotChoices } from './bots.ts'

/** What the configuration says of one service, every default filled in. Durations in milliseconds. */
export interface ServiceSettings {
  name: string
  team: string | null
  /** What rules choose services by, and their alerts are routed by; numbers do not depend on it. */
  labels: Readonly<Record<string, string>>
  /** Repositories whose deployments, changes and commits are this service's: `owner/name`. */
  repositories: string[]
  /** Globs; only what touches one of them counts. Empty: everything counts. */
  paths: string[]
  /** Production environments: exact names, or regular expressions between slashes that match the whole name. */
  environments: string[]
  /** Only deployments made by one of these workflows, jobs or tasks are this service's. Empty: all are. */
  workflows: string[]
  /** The incident systems' ids of this service. */
  incidentServices: string[]
  timezone: string
  leadTimeFrom: 'first-commit' | 'merge' | 'opened'
  attributionWindowMs: number
  remediationWindowMs: number
  recoveryClock: 'impact' | 'deployment'
  /** Labels and branches that mark a hotfix, compared without case: itself, or followed by a slash. */
  hotfix: string[]
  /** Labels of changes that caused an incident, compared without case. */
  incidentLabels: string[]
  /** Whether changes by bots count, for each metric that is made of changes. */
  bots: BotChoices
}
