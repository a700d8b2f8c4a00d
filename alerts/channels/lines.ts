import type { AlertMessage } from '../message.ts'
import { andMore, tell, type Linked, type Telling, type Told } from './text.ts'

/** A message as lines of plain text, whole where no telling is given. */
export function linesOf(message: AlertMessage, telling: Telling = tell(message)): string[] {
  const { title, alerts, moreAlerts, key } = telling
  const lines = [title]
  for (const alert of alerts) lines.push('', ...linesOfAlert(alert))
  if (moreAlerts > 0) lines.push('', andMore(moreAlerts, 'alert'))
  return [...lines, '', `key ${key}`]
}

function linesOfAlert(alert: Told): string[] {
  const { heading, summary, values, when, facts, moreFacts, runbook, url } = alert
  return [
    `${heading}: ${summary}`,
    ...values.map(({ name, text }) => `  ${name}: ${text}`),
    `  ${when}`,
    ...facts.map((fact) => `  - ${textOf(fact)}`),
    ...(moreFacts > 0 ? [`  ${andMore(moreFacts, 'fact')}`] : []),
    ...(runbook === undefined ? [] : [`  runbook: ${runbook.url ?? runbook.text}`]),
    ...(url === undefined ? [] : [`  dashboard: ${url}`]),
  ]
}

function textOf({ text, url }: Linked): string {
  return url === undefined ? text : `${text} ${url}`
}
