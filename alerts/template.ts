/** What a message may name, each between double braces. */
export const templateNames = [
  'rule',
  'metric',
  'subject',
  'service',
  'team',
  'environment',
  'window',
  'value',
  'threshold',
  'n',
  'before',
  'severity',
] as const

export type TemplateName = (typeof templateNames)[number]

export const defaultTemplate = '{{metric}} of {{subject}} is {{value}} (threshold {{threshold}}, n {{n}})'

/** Of what counts nothing. */
export const templateWithoutCount = '{{metric}} of {{subject}} is {{value}} (threshold {{threshold}})'

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g

/** What is wrong with a template; undefined where nothing is. */
export function checkTemplate(template: string): string | undefined {
  for (const [whole, name] of template.matchAll(placeholder)) {
    if (!templateNames.includes(name as TemplateName))
      return `${whole} is not known; write one of ${templateNames.map((each) => `{{${each}}}`).join(', ')}`
  }
  const rest = template.replaceAll(placeholder, '')
  if (rest.includes('{{') || rest.includes('}}')) return 'has braces that do not close'
  return undefined
}

/** The template with its names filled in, in one line. */
export function fillTemplate(template: string, values: Readonly<Record<TemplateName, string>>): string {
  return template
    .replaceAll(placeholder, (_, name: TemplateName) => values[name])
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** A runbook with its names filled in; in an address they are escaped, and what stands for all is empty. */
export function fillRunbook(runbook: string, values: Readonly<Record<TemplateName, string>>): string {
  const isAddress = /^https?:/.test(runbook)
  return runbook.replaceAll(placeholder, (_, name: TemplateName) => {
    const value = values[name] === '*' ? '' : values[name]
    return isAddress ? encodeURIComponent(value) : value
  })
}
