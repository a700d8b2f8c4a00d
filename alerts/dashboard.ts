import { z } from 'zod'
import type { Subject } from './observation.ts'

const names = ['service', 'team', 'environment'] as const
const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g

/** The address of a dashboard, with what an alert is of between braces. */
export const dashboardSchema = z
  .string()
  .max(2000)
  .superRefine((text, context) => {
    const problem = problemOf(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, input: text })
  })

function problemOf(text: string): string | undefined {
  for (const [whole, name] of text.matchAll(placeholder)) {
    if (!names.includes(name as (typeof names)[number]))
      return `${whole} is not known; write one of ${names.map((each) => `{{${each}}}`).join(', ')}`
  }
  const address = URL.parse(text.replaceAll(placeholder, 'a'))
  return address?.protocol === 'https:' || address?.protocol === 'http:'
    ? undefined
    : 'is no address; write https://grafana.example.com/d/dorado-service?var-service={{service}}'
}

/** Where the numbers of a subject are shown; what is of all has what Grafana calls all. */
export function dashboardOf(dashboard: string, subject: Subject): string {
  return dashboard.replaceAll(placeholder, (_, name: (typeof names)[number]) => {
    const value = subject[name]
    return encodeURIComponent(value === '*' || value === '' ? '$__all' : value)
  })
}
