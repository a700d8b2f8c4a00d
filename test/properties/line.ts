import type { FactKey } from '../../core/fact.ts'
import type { Config, ServiceConfig } from '../reference/settings.ts'

/** A fact as NDJSON writes it. */
export type Line = FactKey & Record<string, unknown>

/** A configuration as JSON, with the keys that the reference knows nothing of. */
export type ProductConfig = Omit<Config, 'services'> & {
  windows?: string[]
  unnamedRepositories?: boolean
  services?: (ServiceConfig & { incidents?: string[]; workflows?: string[]; timezone?: string })[]
}

export function keyOf({ kind, source, id }: FactKey): string {
  return JSON.stringify([kind, source, id])
}

/** The line with other values; `undefined` takes a key away. */
export function patched(line: Line, patch: Record<string, unknown>): Line {
  return JSON.parse(JSON.stringify({ ...line, ...patch })) as Line
}

/** The instant at which a source could first tell of it; 0 where it does not say when it was. */
export function instantOf(line: Line): number {
  const { finishedAt, mergedAt, committedAt, startedAt } = line
  const text = finishedAt ?? mergedAt ?? committedAt ?? startedAt
  return typeof text === 'string' ? Date.parse(text) : 0
}

export const isKind =
  (kind: Line['kind']) =>
  (line: Line): boolean =>
    line.kind === kind
