import { flowAndCi } from './flow-and-ci.ts'
import type { Dashboard } from './model.ts'
import { overview } from './overview.ts'
import { pipelineHealth } from './pipeline-health.ts'
import { service } from './service.ts'

/** By the name of their file. */
export const dashboards: Record<string, Dashboard> = {
  overview: overview(),
  service: service(),
  'flow-and-ci': flowAndCi(),
  'pipeline-health': pipelineHealth(),
}

export function jsonOf(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`
}
