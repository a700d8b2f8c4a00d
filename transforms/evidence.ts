import { isoOf } from '../core/calendar.ts'
import type { TrackedDeployment } from './derive.ts'

/** One fact behind a number, or one that was left out of it. */
export interface Evidence {
  kind: 'deployment' | 'change' | 'incident'
  id: string
  at: string
  /** Whether it counts, and as what: 'failed', 'sample', … */
  counted: boolean
  /** The rule that put it there, or left it out. */
  rule: string
  /** Seconds, where it has a duration. */
  seconds?: number
  /** Where it has a size. */
  changes?: number
  url?: string
}

export function identityOf({ rollout }: TrackedDeployment): Pick<Evidence, 'kind' | 'id' | 'at' | 'url'> {
  return { kind: 'deployment', id: rollout.id, at: isoOf(rollout.at), ...urlOf(rollout.url) }
}

export function urlOf(url: string | undefined): { url?: string } {
  return url === undefined || url === '' ? {} : { url }
}
