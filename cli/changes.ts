import type { Config } from '../config/config.ts'
import { isoOf } from '../core/calendar.ts'
import { ConfigError, Rejected } from '../core/errors.ts'
import { parseInstant } from '../core/instant.ts'
import type { Restatement } from '../core/restatement.ts'
import { openUpToDate } from './report.ts'

export interface ChangesFlags {
  format: string
  changesSince: string
  service?: string
}

/** `dorado report --changes-since`: what was restated of windows that had ended, and because of which facts. */
export async function reportChanges(config: Config, flags: ChangesFlags): Promise<void> {
  if (flags.format !== 'table' && flags.format !== 'json')
    throw new ConfigError(`--changes-since with --format ${flags.format}: write table or json`)
  const since = dateOf(flags.changesSince, '--changes-since')
  const { pipeline, close } = await openUpToDate(config, 'report')
  try {
    const all = await pipeline.store.restatements.since(since)
    const wanted = all.filter(({ service }) => flags.service === undefined || service === flags.service)
    const text =
      flags.format === 'json'
        ? JSON.stringify({ since: isoOf(since), restatements: wanted.map(plain) }, null, 2)
        : textOf(wanted, since)
    process.stdout.write(`${text}\n`)
  } finally {
    close()
  }
}

/** A date, which begins at midnight UTC, or an instant with a zone; a ConfigError names the flag otherwise. */
export function dateOf(text: string, flag: string): number {
  try {
    return parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text, flag)
  } catch (error) {
    throw error instanceof Rejected ? new ConfigError(error.message) : error
  }
}

function plain({ at, effects, windows, ...restatement }: Restatement): object {
  return {
    at: isoOf(at),
    ...restatement,
    effects: effects.map((effect) => ({ ...effect, at: isoOf(effect.at) })),
    windows: windows.map(({ environment, days, first, last, count, fields }) => ({
      environment,
      window: `${days}d`,
      first: isoOf(first),
      last: isoOf(last),
      count,
      fields: Object.fromEntries(
        Object.entries(fields).map(([name, [before, after]]) => [
          name,
          { before: valueOf(before), after: valueOf(after) },
        ]),
      ),
    })),
  }
}

/** A field's value out of line protocol. */
function valueOf(text: string | null): string | number | null {
  if (text === null) return null
  if (text.startsWith('"')) return text.slice(1, -1)
  return Number(text.endsWith('i') ? text.slice(0, -1) : text)
}

function textOf(restatements: readonly Restatement[], since: number): string {
  if (restatements.length === 0) return `Nothing was restated since ${shortOf(since)} (UTC).`
  return restatements.map(paragraphOf).join('\n\n')
}

function paragraphOf({ at, service, windows, ...rest }: Restatement): string {
  const { facts, factCount, effects, effectCount } = rest
  const count = windows.reduce((sum, window) => sum + window.count, 0)
  const because = facts
    .slice(0, factsShown)
    .map(({ kind, source, id, removed }) => `${kind} ${id} of ${source}${removed ? ' (removed)' : ''}`)
  return [
    `${shortOf(at)}  ${service}: ${count} windows restated`,
    `  because of ${because.join(', ') || 'facts that are not told one by one: very many, or such that left the service'}${more(factCount, because.length)}`,
    ...effects
      .slice(0, effectsShown)
      .flatMap((effect) => [
        `  ${effect.kind} ${effect.id} (${effect.environment}), ${shortOf(effect.at)}`,
        `    was ${effect.before ?? 'not known'}`,
        `    is  ${effect.after ?? 'no more'}`,
      ]),
    ...(effectCount > effectsShown ? [`  and ${effectCount - effectsShown} more`] : []),
    ...windows.map(
      ({ environment, days, first, last, count: ends, fields }) =>
        `  ${days}d (${environment}): ${ends} that end from ${shortOf(first)} to ${shortOf(last)}; the last: ${changesOf(fields)}`,
    ),
  ].join('\n')
}

/** A person is shown so many of each; JSON has more. */
const factsShown = 5
const effectsShown = 5
const fieldsShown = 6

function more(count: number, shown: number): string {
  return count > shown ? ` and ${count - shown} more` : ''
}

function changesOf(fields: Restatement['windows'][number]['fields']): string {
  const all = Object.entries(fields)
  const shown = all
    .slice(0, fieldsShown)
    .map(([name, [before, after]]) => `${name} ${shortValue(before)} → ${shortValue(after)}`)
  return shown.join(', ') + more(all.length, shown.length)
}

function shortValue(text: string | null): string {
  const value = valueOf(text)
  if (value === null) return 'none'
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : value
}

function shortOf(at: number): string {
  return isoOf(at).replace('T', ' ').slice(0, 16)
}
