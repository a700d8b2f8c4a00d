import type { Edition } from '../core/bands.ts'
import type { BotChoice } from '../core/bots.ts'
import type { ServiceSettings } from '../core/service.ts'
import type { Catalogue } from './catalogue.ts'
import type { Observed } from './window-update.ts'

export interface DeriveOptions {
  /** The instant of the pass: when what it restates was found. Epoch ms; derivation itself does not depend on it. */
  at: number
  catalogue: Catalogue
  since: number | null
  timezone: string
  edition: Edition
  windowsDays: readonly number[]
  /** For all metrics and services, instead of what each of them has configured. */
  bots?: BotChoice | undefined
  /** Until when the sources that a service needs are complete. */
  observed(settings: ServiceSettings): ObservedFacts
}

/** As of windows, and until when CI runs and test reports were observed; as deployments where it is not said. */
export interface ObservedFacts extends Observed {
  runsUntil?: number
  testsUntil?: number
}

export interface DeriveResult {
  /** Services whose facts changed, or that were derived anew. */
  services: number
  /** Points that are new, changed or removed. */
  points: number
}
