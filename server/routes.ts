import { alerts } from './alerts.ts'
import type { Routes } from './context.ts'
import { health } from './health.ts'
import { silences } from './silences.ts'

/** Everything that is answered: a file for each. */
export const routes: readonly Routes[] = [health, alerts, silences]
