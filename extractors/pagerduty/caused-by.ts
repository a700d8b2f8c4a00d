import type { Incident } from '../../core/fact.ts'

type Cause = NonNullable<Incident['causedBy']>

const names: Readonly<Record<string, keyof Cause>> = {
  deployment_id: 'deploymentId',
  sha: 'sha',
  commit: 'sha',
  version: 'version',
}

/**
 * What an incident says of the deployment that caused it; the first place that says it counts. Monitors say
 * it in details, under the keys `deployment_id`, `sha` or `commit`, and `version` (at the top or in
 * `custom_details`); people write `sha=9fceb02` into a title or text. `key: value` in a text is no such
 * statement: "TLS version: 1.2 is refused" names no release.
 */
export function causeIn(places: readonly unknown[]): Cause | undefined {
  const cause: Cause = {}
  for (const place of places) {
    for (const [key, value] of typeof place === 'string' ? fromText(place) : fromObject(place)) {
      const name = names[key]
      if (name !== undefined && value !== '') cause[name] ??= value
    }
  }
  return Object.keys(cause).length === 0 ? undefined : cause
}

function fromText(text: string): [string, string][] {
  const found = text.matchAll(/(?<![\w.-])(deployment_id|sha|commit|version)=(?:"([^"]+)"|([^\s",;)\]]+))/g)
  return Array.from(found, ([, key = '', quoted, bare = '']) => [key, quoted ?? bare])
}

function fromObject(value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return []
  const found: [string, string][] = []
  for (const [key, one] of Object.entries(value)) {
    if (typeof one === 'string' || typeof one === 'number') found.push([key, String(one)])
  }
  return 'custom_details' in value ? [...found, ...fromObject(value.custom_details)] : found
}
