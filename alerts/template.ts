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

const braced = /\{\{\s*([^{}]*?)\s*\}\}/g

/** What is wrong with a text in which these names may stand between double braces; undefined where nothing is. */
export function checkNames(text: string, names: readonly string[]): string | undefined {
  for (const [whole, name = ''] of text.matchAll(braced)) {
    if (!names.includes(name))
      return `${whole} is not known; write one of ${names.map((each) => `{{${each}}}`).join(', ')}`
  }
  const rest = text.replaceAll(braced, '')
  return rest.includes('{{') || rest.includes('}}') ? 'has braces that do not close' : undefined
}

/** A checked text with each name replaced by what stands for it. */
export function fillNames(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(braced, (_, name: string) => values[name]!)
}

/** What is wrong with a template; undefined where nothing is. */
export function checkTemplate(template: string): string | undefined {
  return checkNames(template, templateNames)
}

/** The template with its names filled in, in one line. */
export function fillTemplate(template: string, values: Readonly<Record<TemplateName, string>>): string {
  return fillNames(template, values).replaceAll(/\s+/g, ' ').trim()
}

/** A runbook with its names filled in; in an address they are escaped, and what stands for all is empty. */
export function fillRunbook(runbook: string, values: Readonly<Record<TemplateName, string>>): string {
  const isAddress = /^https?:/.test(runbook)
  const written = Object.entries(values).map(([name, value]) => {
    const known = value === '*' ? '' : value
    return [name, isAddress ? encodeURIComponent(known) : known]
  })
  return fillNames(runbook, Object.fromEntries(written) as Record<string, string>)
}
