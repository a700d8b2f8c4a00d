import { teams } from '../../../alerts/channels/teams.ts'
import { httpCase } from './channel-case.ts'

const query = 'api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=s3cr3ts3cr3t'
const path = '/powerautomate/automations/direct/workflows/0123456789abcdef/triggers/manual/paths/invoke'

type Json = Record<string, unknown>

const colors = new Set(['Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention'])
const spacings = new Set(['Default', 'None', 'Small', 'Medium', 'Large', 'ExtraLarge', 'Padding'])

/**
 * What the published schema of Adaptive Cards 1.4 asks of the elements that are used, each with the keys that it
 * allows: https://adaptivecards.io/explorer. No package holds the schema itself as a file.
 */
const elements: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  AdaptiveCard: {
    type: isText,
    $schema: isText,
    version: (value) => value === '1.4',
    msteams: (value) => JSON.stringify(value) === '{"width":"Full"}',
    body: isElements,
  },
  Container: { type: isText, separator: isBoolean, items: isElements },
  TextBlock: {
    type: isText,
    text: isText,
    wrap: (value) => value === true,
    size: (value) => ['Default', 'Small', 'Medium', 'Large', 'ExtraLarge'].includes(String(value)),
    weight: (value) => ['Default', 'Lighter', 'Bolder'].includes(String(value)),
    color: (value) => colors.has(String(value)),
    isSubtle: isBoolean,
    separator: isBoolean,
    spacing: (value) => spacings.has(String(value)),
  },
  FactSet: {
    type: isText,
    facts: (value) => Array.isArray(value) && value.length > 0 && value.every(isFact),
  },
}
const required: Readonly<Record<string, readonly string[]>> = {
  AdaptiveCard: ['version', 'body'],
  Container: ['items'],
  TextBlock: ['text', 'wrap'],
  FactSet: ['facts'],
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.isWellFormed()
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isFact(value: unknown): boolean {
  return Object.keys(value as object).join() === 'title,value' && Object.values(value as object).every(isText)
}

function isElements(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length > 0 && value.every((one) => complaintOfElement(one) === undefined)
  )
}

export function complaintOfElement(element: Json): string | undefined {
  const keys = elements[String(element.type)]
  if (keys === undefined) return `unknown element ${String(element.type)}`
  const missing = required[String(element.type)]?.find((key) => !(key in element))
  if (missing !== undefined) return `${String(element.type)} without ${missing}`
  const wrong = Object.entries(element).find(([key, value]) => keys[key]?.(value) !== true)
  return wrong && `${String(element.type)}.${wrong[0]} ${JSON.stringify(wrong[1]).slice(0, 500)}`
}

/** A link whose address is not of the samples was made by a name; so was a tag. */
function complaintOfMarkup(text: string): string | undefined {
  const link = /(?<!\\)\]\((?!https:\/\/(?:git|wiki|grafana)\.example\.com\/)[^)]*\)/.exec(text)
  return link?.[0] ?? /<[a-z/]/i.exec(text)?.[0]
}

function complaintOfBody(body: string): string | undefined {
  if (Buffer.byteLength(body) >= 28 * 1024) return 'RequestEntityTooLarge'
  const { type, attachments } = JSON.parse(body) as { type: string; attachments: Json[] }
  if (type !== 'message' || attachments.length !== 1) return 'one attachment of a message'
  const [attachment] = attachments
  if (attachment?.contentType !== 'application/vnd.microsoft.card.adaptive') return 'contentType'
  return complaintOfElement(attachment.content as Json) ?? complaintOfMarkup(JSON.parse(`"${textsOf(body)}"`))
}

/** Every text of the body, still as JSON. */
function textsOf(body: string): string {
  return [...body.matchAll(/"(?:text|title|value)":"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text).join(' ')
}

export const teamsCase = httpCase({
  name: 'teams',
  secrets: ['s3cr3ts3cr3t', '0123456789abcdef'],
  make: (url) => teams.make('ops', teams.schema.parse({ url: `${url}${path}?${query}` })),
  complaintOf: (request) => {
    if (request.path !== path || request.query.get('sig') !== 's3cr3ts3cr3t') return 'not the address'
    return complaintOfBody(request.body)
  },
  success: () => ({ status: 202 }),
  faults: {
    limited: { status: 429, headers: { 'retry-after': '30' }, body: { error: { code: 'TooManyRequests' } } },
    failing: { status: 502, body: { error: { code: 'BadGateway' } } },
    refusing: {
      status: 401,
      body: { error: { code: 'DirectApiAuthorizationRequired', message: 'no s3cr3ts3cr3t' } },
    },
  },
  forbidden: ['<at>', '<script', '"](http://evil', ' ](http://evil', '<!channel>', '{{DATE'],
  limitMs: 30_000,
  remedy: /let "Anyone" trigger the workflow/,
})
