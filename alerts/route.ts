import { messageOf } from '../core/errors.ts'
import { expressionMatcher } from './expression.ts'
import type { Labels } from './message.ts'

/** Label values by name: each name has to have one of them. A value between slashes is a regular expression. */
export type Match = Readonly<Record<string, readonly string[]>>

/** Where alerts go. The first route that matches takes an alert; with `goesOn` the next ones are asked, too. */
export interface Route {
  match: Match
  channels: readonly string[]
  /** Alerts that have these labels in common are told of together. */
  groupBy: readonly string[]
  /** After that time without a change it is told again. */
  repeatMs: number
  goesOn: boolean
  /** Names of the mute times in which it is told nothing new. */
  mute?: readonly string[]
}

export function matches(match: Match, labels: Labels): boolean {
  return Object.entries(match).every(([name, values]) => {
    const label = labels[name] ?? ''
    return values.some((value) => matchesValue(value, label))
  })
}

/** What is wrong with an expression among the values; undefined where nothing is. */
export function checkMatch(match: Match): string | undefined {
  for (const value of Object.values(match).flat()) {
    if (!isExpression(value)) continue
    try {
      void matcherOf(value)
    } catch (error) {
      return `${value} ${messageOf(error)}`
    }
  }
  return undefined
}

function matchesValue(value: string, label: string): boolean {
  return isExpression(value) ? matcherOf(value)(label) : value === label
}

export function isExpression(value: string): boolean {
  return value.length > 2 && value.startsWith('/') && value.endsWith('/')
}

/** By expression, for each is asked of many alerts; those of silences that are over are forgotten in time. */
const matchers = new Map<string, (label: string) => boolean>()
const mostMatchers = 1000

function matcherOf(value: string): (label: string) => boolean {
  const known = matchers.get(value)
  if (known) return known
  const matcher = expressionMatcher(value.slice(1, -1))
  if (matchers.size >= mostMatchers) matchers.clear()
  matchers.set(value, matcher)
  return matcher
}

/** The routes that take an alert. */
export function routesOf(routes: readonly Route[], labels: Labels): Route[] {
  const taken: Route[] = []
  for (const route of routes) {
    if (!matches(route.match, labels)) continue
    taken.push(route)
    if (!route.goesOn) break
  }
  return taken
}

/**
 * What routes are known by at each of their channels: by what they take and how they group it, so that it stays the same
 * when others are put before them, or channels beside it. A number tells those apart that are the same in that.
 */
export function routeKeys(routes: readonly Route[]): Map<Route, ReadonlyMap<string, string>> {
  const counts = new Map<string, number>()
  const keys = new Map<Route, ReadonlyMap<string, string>>()
  for (const route of routes) {
    const match = Object.entries(route.match).map(([name, values]) => [name, values.toSorted()] as const)
    const sorted = match.toSorted(([a], [b]) => (a < b ? -1 : 1))
    const ofChannels = new Map<string, string>()
    for (const channel of new Set(route.channels)) {
      const what = JSON.stringify([channel, sorted, route.groupBy])
      const count = (counts.get(what) ?? 0) + 1
      counts.set(what, count)
      ofChannels.set(channel, `${what} ${count}`)
    }
    keys.set(route, ofChannels)
  }
  return keys
}
