import { z } from 'zod'
import { secret } from '../../core/secret.ts'

/** `sources:` entry of kind `pagerduty`. */
export const settingsSchema = z.strictObject({
  /** A read-only API key of the account, or of a user who sees every service. */
  token: secret(),
  region: z.enum(['us', 'eu']).default('us'),
  /** Instead of the region's address. */
  baseUrl: z.url().optional(),
  /** Ids of PagerDuty services. Empty: every service that the token sees. */
  services: z.array(z.string().min(1)).default([]),
  /** Only incidents of these urgencies count. Empty: both. */
  urgencies: z.array(z.enum(['high', 'low'])).default([]),
  /** Only incidents of these priorities count, by name: `P1`. Empty: all, also those without one. */
  priorities: z.array(z.string().min(1)).default([]),
  /** How far behind the last run each run starts to read, for rows that appear late. */
  overlapHours: z.number().min(0).max(168).default(2),
  /** How many days the daily search for deleted incidents goes back. 0: no search. */
  sweepDays: z.int().min(0).max(365).default(30),
})

export type Settings = z.output<typeof settingsSchema>

export function baseUrlOf(settings: Settings): string {
  const regional = settings.region === 'eu' ? 'https://api.eu.pagerduty.com' : 'https://api.pagerduty.com'
  return (settings.baseUrl ?? regional).replace(/\/+$/, '')
}

/** What decides which incidents count: another scope has to read its history anew. */
export function scopeOf(settings: Settings): string {
  const { services, urgencies, priorities } = settings
  return JSON.stringify([services.toSorted(), urgencies.toSorted(), priorities.toSorted()])
}
