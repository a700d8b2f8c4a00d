import { calendarOf } from '../core/calendar.ts'
import { pathMatcher } from '../core/matchers.ts'
import type { ServiceSettings } from '../core/service.ts'
import { hotfixMatcher } from './classify.ts'
import type { KnownRepository } from './growth.ts'
import { bucketOf } from './lead-time.ts'
import { compareText, type PullRequest } from './repository.ts'

/** A change that was merged in a repository of a service, and what is told of it. */
export interface MergedChange {
  repository: string
  change: PullRequest
  isLarge: boolean
  /** Merged on a Saturday or Sunday in the service's zone. */
  isWeekend: boolean
  isHotfix: boolean
  /** Carries a label that says it caused an incident. */
  isLabelled: boolean
}

/** The changes of these repositories that are the service's (with `paths`, those that touch them), by merge. */
export function mergedChanges(
  settings: ServiceSettings,
  repositories: ReadonlyMap<string, KnownRepository>,
): MergedChange[] {
  const { weekday } = calendarOf(settings.timezone)
  const isHotfix = hotfixMatcher(settings.hotfix)
  const incidentLabels = new Set(settings.incidentLabels.map((label) => label.toLowerCase()))
  const touches = settings.paths.length > 0 ? pathMatcher(settings.paths) : undefined
  const merged: MergedChange[] = []
  for (const [name, found] of repositories) {
    for (const [position, change] of found.repository.changes.entries()) {
      if (touches && !changeTouches(found, position, touches)) continue
      merged.push({
        repository: name,
        change,
        isLarge: bucketOf(change.changedFiles) === 'L',
        isWeekend: weekday(change.mergedAt) >= 6,
        isHotfix: isHotfix(change.branch) || change.labels.some(isHotfix),
        isLabelled: change.labels.some((label) => incidentLabels.has(label.toLowerCase())),
      })
    }
  }
  return merged.sort(byMerge)
}

function byMerge(a: MergedChange, b: MergedChange): number {
  return (
    a.change.mergedAt - b.change.mergedAt ||
    compareText(a.repository, b.repository) ||
    compareText(a.change.id, b.change.id)
  )
}

/** Whether one of its commits (listed, head, merge, or by the commit's own word) touches the paths. */
function changeTouches(
  { repository, graph }: KnownRepository,
  position: number,
  touches: (paths: readonly string[]) => boolean,
): boolean {
  const { id, commits, head, merge } = repository.changes[position]!
  const touching = (index: number) => touches(repository.paths.get(index) ?? [])
  if (commits.some(touching) || touching(head) || touching(merge)) return true
  return (graph.broughtBy.get(id) ?? []).some(touching)
}
