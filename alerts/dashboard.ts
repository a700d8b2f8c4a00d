import { z } from 'zod'
import { webAddress } from './channels/text.ts'
import type { Subject } from './observation.ts'
import { checkNames, fillNames } from './template.ts'

const names = ['service', 'team', 'environment'] as const

/** The address of a dashboard, with what an alert is of between braces. */
export const dashboardSchema = z
  .string()
  .max(2000)
  .superRefine((text, context) => {
    const problem = problemOf(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, input: text })
  })

function problemOf(text: string): string | undefined {
  const problem = checkNames(text, names)
  if (problem !== undefined) return problem
  return webAddress(fillNames(text, { service: 'a', team: 'a', environment: 'a' })) === undefined
    ? 'is no address; write https://grafana.example.com/d/dorado-service?var-service={{service}}'
    : undefined
}

/** Where the numbers of a subject are shown; what is of all has what Grafana calls all. */
export function dashboardOf(dashboard: string, subject: Subject): string {
  const shown = (value: string) => encodeURIComponent(value === '*' || value === '' ? '$__all' : value)
  const { service, team, environment } = subject
  return fillNames(dashboard, {
    service: shown(service),
    team: shown(team),
    environment: shown(environment),
  })
}
