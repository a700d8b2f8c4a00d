import type { FactKind } from './fact.ts'

/** What a restatement does to one deployment or incident. */
export interface Effect {
  kind: 'deployment' | 'incident'
  id: string
  environment: string
  /** Finish of the deployment, start of the incident: windows that contain it are restated. Epoch ms. */
  at: number
  /** How it counted before, and how it does now, in words; null where it was not known, or is no more. */
  before: string | null
  after: string | null
}

/** What became another number after its window had ended. Instants in epoch ms. */
export interface Restatement {
  /** When it was found. */
  at: number
  service: string
  /** The facts that came in and are about the past: all, or the first of them. */
  facts: { kind: FactKind; source: string; id: string; removed: boolean }[]
  /** How many there were. */
  factCount: number
  /** What they did to deployments and incidents of the past: all, or the first. */
  effects: Effect[]
  effectCount: number
  /** The windows that have other numbers now, by environment and length. */
  windows: RestatedWindows[]
}

/** Windows of one environment and length that have other numbers now. */
export interface RestatedWindows {
  environment: string
  days: number
  /** Ends of the first and the last one, and how many there are. */
  first: number
  last: number
  count: number
  /** What changed in the last one, by field: before and after in line protocol, null where there is none. */
  fields: Record<string, [before: string | null, after: string | null]>
}

/** What restatements of services came to in a team's windows, or in those of the organisation. */
export interface PoolRestatement {
  /** As that of the services. */
  at: number
  /** `*` of the organisation. */
  team: string
  windows: RestatedWindows[]
}
