import { Temporal } from 'temporal-polyfill'
import { z } from 'zod'
import { messageOf, Rejected } from '../core/errors.ts'
import { parseInstant, shown } from '../core/instant.ts'
import { durationField, textField, textOrList } from '../core/setting-fields.ts'

/** A text that is no blank and fits in one line: names end in tags and file names. */
export function nameField(example: string): z.ZodType<string, string> {
  return textField(
    (text) => {
      if (text.trim() === '') throw new Rejected('is empty')
      if (text !== text.trim()) throw new Rejected(`${shown(text)} begins or ends with a blank`)
      // In the tags of a point it stands for all.
      if (text === '*') throw new Rejected(`${shown(text)} has a meaning of its own in points`)
      if (/\p{Cc}/u.test(text)) throw new Rejected(`${shown(text)} contains a control character`)
      return text
    },
    [example],
  )
}

/** What alerts are labelled with anyway. */
const ownLabels = ['rule', 'service', 'team', 'environment', 'severity', 'detail']

/** Labels by name, as Prometheus writes them. */
export const labelsField = z
  .record(z.string(), nameField('gold'))
  .meta({ example: { tier: 'gold' } })
  .superRefine((labels, context) => {
    for (const name of Object.keys(labels)) {
      const problem = !/^[a-zA-Z_]\w*$/.test(name)
        ? 'is no name of a label: write letters, digits and underscores'
        : ownLabels.includes(name)
          ? 'is a label of every alert: choose another name'
          : undefined
      if (problem !== undefined)
        context.addIssue({ code: 'custom', message: problem, path: [name], input: labels })
    }
  })

/** One text or a list of them; each once. */
export function oneOrMany(
  item: z.ZodType<string, string>,
  example: readonly string[],
): z.ZodType<string[], string[]> {
  return textOrList(
    z
      .array(item)
      .meta({ example })
      .transform((items) => [...new Set(items)]),
  ) as unknown as z.ZodType<string[], string[]>
}

/** An instant with a zone, or a plain date: its midnight in the configuration's time zone. */
export const sinceField = textField(
  (text) => {
    try {
      sinceAt(text, 'UTC')
      return text
    } catch (error) {
      if (isDate(text)) throw new Rejected(`${shown(text)} is a day that does not exist`, { cause: error })
      throw new Rejected(messageOf(error).replace(/^since: /, ''), { cause: error })
    }
  },
  ['2026-01-01'],
)

/** Epoch ms of what `sinceField` has accepted. */
export function sinceAt(text: string, timezone: string): number {
  if (!isDate(text)) return parseInstant(text, 'since')
  return Temporal.PlainDate.from(text).toZonedDateTime(timezone).epochMilliseconds
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text)
}

/** A repository as facts name it: `owner/name`. */
export const repositoryField = textField(
  (text) => {
    const slug = /^(?:[a-z+]+:\/\/[^/]+\/|git@[^:]+:)(.+?)(?:\.git)?\/?$/i.exec(text)?.[1]
    if (slug !== undefined) throw new Rejected(`${shown(text)} is an address; write ${slug}`)
    if (text.trim() === '') throw new Rejected('is empty')
    if (/\s/.test(text)) throw new Rejected(`${shown(text)} contains a blank; write it as owner/name`)
    return text
  },
  ['acme/checkout'],
)

/** A glob over paths within a repository. */
export const globField = textField(
  (text) => {
    if (text.trim() === '') throw new Rejected('is empty; write a glob such as api/**')
    const fixed = text.replaceAll(/[\\/]+/g, '/').replace(/^!?(?:[A-Za-z]:)?(?:\.{0,2}\/)*/, '')
    const right = `write ${fixed === '' || fixed.endsWith('/') ? `${fixed}**` : fixed}`
    if (text.startsWith('!')) throw new Rejected(`${shown(text)} excludes; only what counts can be named`)
    if (text.includes('\\')) throw new Rejected(`${shown(text)} has backslashes; ${right}`)
    if (/^(?:\/|[A-Za-z]:)/.test(text)) {
      throw new Rejected(`${shown(text)} is absolute, and paths start at the repository's root; ${right}`)
    }
    if (/(?:^|\/)\.\.?(?:\/|$)/.test(text)) {
      throw new Rejected(`${shown(text)} has a . or .. in it, which no path of a repository has; ${right}`)
    }
    if (text.endsWith('/')) throw new Rejected(`${shown(text)} is a folder and matches no file; ${right}`)
    return text
  },
  ['api/**'],
)

/** An environment's name, or a regular expression between slashes that matches the whole name. */
export const environmentField = textField(
  (text) => {
    if (text.trim() === '') throw new Rejected('is empty')
    const [, source, flags] = /^\/(.*)\/(\w*)$/s.exec(text) ?? []
    if (source === undefined) return text
    if (flags) {
      const right = flags === 'i' ? `; write /(?i:${source})/` : ''
      throw new Rejected(`${shown(text)} has a flag behind the slash${right}`)
    }
    if (source === '') throw new Rejected('// matches no name')
    try {
      void new RegExp(source, 'u')
      return text
    } catch (error) {
      const reason = String(error instanceof Error ? error.message : error).replace(/^.*\/u?: /s, '')
      throw new Rejected(`${shown(text)} is no regular expression: ${reason}`)
    }
  },
  ['production'],
)

/** A window's length, in whole days. */
export const windowField = durationField('30d').transform((ms, context) => {
  const days = ms / 86_400_000
  if (Number.isInteger(days) && days > 0) return days
  context.issues.push({ code: 'custom', message: 'a window is one day or more, and whole days', input: ms })
  return z.NEVER
})

/** Where a server listens: an address or name of this machine, and a port (0 for any that is free). */
export const listenField = textField(
  (text) => {
    const [, bracketed, plain, port] = /^(?:\[([\da-fA-F:.]+)\]|([^:\s[\]/]+)):(\d{1,5})$/.exec(text) ?? []
    const host = bracketed ?? plain
    if (host === undefined || Number(port) > 65_535)
      throw new Rejected(`${shown(text)} is no address and port; write one such as 127.0.0.1:8080`)
    return { host, port: Number(port) }
  },
  ['127.0.0.1:8080'],
)
