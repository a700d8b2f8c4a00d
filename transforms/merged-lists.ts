import { calendarOf, isoOf } from '../core/calendar.ts'
import type { ServiceSettings } from '../core/service.ts'
import type { MergedChange } from './merged-changes.ts'
import { compareText, type PullRequest } from './repository.ts'
import type { Span } from './windows.ts'

/** A change that was merged on a Saturday or Sunday in the service's zone. */
export interface WeekendMerge {
  service: string
  id: string
  author: string
  day: 'Saturday' | 'Sunday'
  mergedAt: string
  url: string
}

/** A hotfix with what was merged before it, where the cause may be. */
export interface Hotfix {
  service: string
  id: string
  title: string
  mergedAt: string
  url: string
  /** The three changes merged last before it in the same repository, the latest first. */
  before: { id: string; title: string; author: string; mergedAt: string; url: string }[]
}

export interface MergedLists {
  weekendMerges: WeekendMerge[]
  hotfixes: Hotfix[]
}

/** The lists of one service over the changes merged in a span, in the order of the merge. */
export function mergedLists(
  { name, timezone, bots }: Pick<ServiceSettings, 'name' | 'timezone' | 'bots'>,
  merged: readonly MergedChange[],
  changesOf: (repository: string) => readonly PullRequest[],
  { from, to }: Span,
): MergedLists {
  const inside = merged.filter(({ change: { mergedAt } }) => mergedAt >= from && mergedAt < to)
  const counts = (metric: 'merged' | 'hotfixes', { isBot }: PullRequest) =>
    !isBot || bots[metric] === 'included'
  return {
    weekendMerges: inside
      .filter(({ isWeekend, change }) => isWeekend && counts('merged', change))
      .map(({ change: { id, author, mergedAt, url } }) => {
        const day = calendarOf(timezone).weekday(mergedAt) === 6 ? 'Saturday' : 'Sunday'
        return { service: name, id, author, day, mergedAt: isoOf(mergedAt), url }
      }),
    hotfixes: inside
      .filter(({ isHotfix, change }) => isHotfix && counts('hotfixes', change))
      .map(({ repository, change }) => ({
        service: name,
        id: change.id,
        title: change.title,
        mergedAt: isoOf(change.mergedAt),
        url: change.url,
        before: mergedBefore(change, changesOf(repository)).map(({ id, title, author, mergedAt, url }) => ({
          id,
          title,
          author,
          mergedAt: isoOf(mergedAt),
          url,
        })),
      })),
  }
}

const shownBefore = 3

function mergedBefore(change: PullRequest, changes: readonly PullRequest[]): PullRequest[] {
  const order = (a: PullRequest, b: PullRequest) => a.mergedAt - b.mergedAt || compareText(a.id, b.id)
  return changes
    .filter((other) => order(other, change) < 0)
    .sort((a, b) => order(b, a))
    .slice(0, shownBefore)
}
