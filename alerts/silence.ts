import type { Match } from './route.ts'

/** Keeps alerts with these labels from being told, from one instant to another. Epoch ms. */
export interface Silence {
  id: string
  match: Match
  from: number
  until: number
  comment: string
}
