import { listedJson } from '../pipeline/alert-json.ts'
import { alertStatus } from '../pipeline/alert-status.ts'
import { isoOf } from '../core/calendar.ts'
import type { Routes } from './context.ts'

/** What fires and what is pending as of the last evaluation, and what keeps it quiet now. */
export const alerts: Routes = (app, { pipeline, clock }) => {
  app.get('/api/v1/alerts', async () => {
    const { slot, alerts: listed } = await alertStatus(pipeline, pipeline.alerts.settings, clock())
    return { asOf: slot === null ? null : isoOf(slot), alerts: listed.map(listedJson) }
  })
}
