import { Rejected } from '../core/errors.ts'
import { checkMatch, type Match } from './route.ts'

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

/** Throws Rejected where a silence would keep quiet nothing, or everything. */
export function checkSilence({ match, from, until }: Silence, now: number): void {
  if (Object.keys(match).length === 0)
    throw new Rejected('match is empty; name a label and its value, such as team=storefront')
  const wrong = checkMatch(match)
  if (wrong !== undefined) throw new Rejected(`match: ${wrong}`)
  if (until <= from) throw new Rejected('it would end before it begins')
  if (until <= now) throw new Rejected('it would have ended already')
}

export function matchText(match: Match): string {
  return Object.entries(match)
    .map(([name, values]) => `${name}=${values.join('|')}`)
    .join(', ')
}
