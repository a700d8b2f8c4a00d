import { Rejected } from '../core/errors.ts'
import { checkMatch, matches, type Match } from './route.ts'

/** Keeps alerts with these labels from being told, from one instant to another. Epoch ms. */
export interface Silence {
  id: string
  match: Match
  from: number
  until: number
  comment: string
  author?: string
  createdAt?: number
}

/** A silence is set for a work, not for good: what nobody wants to hear of is no rule, or has no route. */
const longestMs = 366 * 86_400_000

/** Throws Rejected where a silence would keep quiet nothing, or everything, or for good. */
export function checkSilence({ match, from, until }: Silence, now: number): void {
  if (Object.keys(match).length === 0)
    throw new Rejected('match is empty; name a label and its value, such as team=storefront')
  const wrong = checkMatch(match) ?? wideMatch(match)
  if (wrong !== undefined) throw new Rejected(`match: ${wrong}`)
  if (until <= from) throw new Rejected('it would end before it begins')
  if (until <= now) throw new Rejected('it would have ended already')
  if (!(until - now <= longestMs))
    throw new Rejected('it would end more than a year from now; end it sooner, and set it again by then')
}

/** What is wrong with labels that alerts without them would match, too; undefined where nothing is. */
function wideMatch(match: Match): string | undefined {
  for (const [name, values] of Object.entries(match)) {
    if (name === '') return 'a label has no name; write one, such as team'
    if (values.includes('')) return `${name} has no value: that is every alert without it; write one`
  }
  // Labels that an alert does not have are empty.
  if (!matches(match, {})) return undefined
  return `${matchText(match)} is every alert without these labels, too; write one of them so that it is not empty`
}

export function matchText(match: Match): string {
  return Object.entries(match)
    .map(([name, values]) => `${name}=${values.join('|')}`)
    .join(', ')
}
