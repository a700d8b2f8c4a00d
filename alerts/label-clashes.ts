import { nearest } from '../core/nearest.ts'
import { severities } from './message.ts'
import { isExpression, type Match, type Route } from './route.ts'
import type { Inhibition } from './inhibit.ts'
import type { Rule } from './rule.ts'
import type { Labelled } from './where.ts'

interface Clash {
  path: (string | number)[]
  message: string
}

/** Labels that every alert may have. */
const ownLabels = ['rule', 'service', 'team', 'environment', 'severity', 'detail', 'health']

/** Routes and inhibitions that ask for what no alert can have, and would match nothing without a word. */
export function labelClashes(
  {
    rules,
    routes,
    inhibition,
  }: { rules: readonly Rule[]; routes: readonly Route[]; inhibition?: Inhibition },
  services: readonly (Labelled & { team?: string | undefined })[],
): Clash[] {
  const clashes: Clash[] = []
  const names = new Set([
    ...ownLabels,
    ...rules.flatMap(({ labels }) => Object.keys(labels)),
    ...services.flatMap(({ labels }) => Object.keys(labels)),
  ])
  const teams = services.flatMap(({ team }) => team ?? [])
  const known: Readonly<Record<string, readonly string[]>> = {
    rule: rules.map(({ name }) => name),
    severity: severities,
    // Where no service has a team, nobody has told of any.
    ...(teams.length > 0 && { team: teams }),
  }
  const checkName = (path: Clash['path'], name: string) => {
    if (!names.has(name))
      clashes.push({ path, message: `no alert has a label ${name}${meant(name, [...names])}` })
  }
  const checkMatch = (path: Clash['path'], match: Match) => {
    for (const [name, values] of Object.entries(match)) {
      checkName([...path, name], name)
      const there = known[name]
      for (const value of values)
        if (there && !isExpression(value) && !there.includes(value))
          clashes.push({ path: [...path, name], message: `no ${name} ${value}${meant(value, there)}` })
    }
  }
  let all: number | undefined
  for (const [index, { match, groupBy, goesOn }] of routes.entries()) {
    checkMatch(['routes', index, 'match'], match)
    for (const name of groupBy) checkName(['routes', index, 'groupBy'], name)
    if (all !== undefined)
      clashes.push({
        path: ['routes', index],
        message: `is never asked: the route ${all + 1} takes everything`,
      })
    if (Object.keys(match).length === 0 && !goesOn) all ??= index
  }
  for (const [index, { when, quiet, equal }] of (inhibition?.rules ?? []).entries()) {
    checkMatch(['inhibit', index, 'when'], when)
    checkMatch(['inhibit', index, 'quiet'], quiet)
    for (const name of equal) checkName(['inhibit', index, 'equal'], name)
  }
  return clashes
}

/** Teams that a rule asks for and no service has; undefined where there is nothing wrong. */
export function teamProblem(
  { teams = [] }: Pick<Rule, 'teams'>,
  services: readonly { team?: string | undefined }[],
): string | undefined {
  const known = services.flatMap(({ team }) => team ?? [])
  const unknown = teams.find((team) => !known.includes(team))
  return unknown === undefined ? undefined : `no service is of a team ${unknown}${meant(unknown, known)}`
}

function meant(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  if (near !== undefined) return `; did you mean ${near}?`
  return known.length === 0 ? '' : `; there are ${[...new Set(known)].sort().join(', ')}`
}
