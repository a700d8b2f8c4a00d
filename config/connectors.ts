import { z } from 'zod'
import type { ConfiguredConnector } from './config.ts'
import type { Problem } from './document.ts'
import { expectedOne } from './issues.ts'
import { valueAt, type connectorLists, type ConnectorSchema, type Path } from './keys.ts'
import { entrySchema } from './schema.ts'

interface Context {
  data: unknown
  schemas: readonly ConnectorSchema[]
  /** Checks the value at a path; undefined where it is wrong, which is then noted. */
  checked: <Schema extends z.ZodType>(schema: Schema, at: Path) => z.output<Schema> | undefined
}

/** The entries of `sources`, `sinks` or `channels` that are right, and what is wrong with their kinds and names. */
export function checkConnectors(
  list: (typeof connectorLists)[number],
  indices: readonly number[],
  { data, schemas, checked }: Context,
): { entries: ConfiguredConnector[]; problems: Problem[] } {
  const entries: ConfiguredConnector[] = []
  const problems: Problem[] = []
  const names = new Map<string, number>()
  for (const index of indices) {
    const path = [list, index]
    const kind = valueAt(data, [...path, 'kind'])
    const connector = schemas.find((each) => each.kind === kind)
    if (!connector) {
      problems.push({ path: [...path, 'kind'], message: unknownKind(kind, schemas) })
      continue
    }
    const entry = checked(entrySchema, path)
    const settings = checked(settingsOf(connector.schema), path)
    if (entry === undefined) continue
    const name = entry.name ?? entry.kind
    const earlier = names.get(name)
    if (earlier !== undefined) {
      const right = `give one of them a name, such as name: ${name}-2`
      const at = entry.name === undefined ? path : [...path, 'name']
      problems.push({ path: at, message: `${list}[${earlier}] is called ${name} too; ${right}` })
    }
    names.set(name, index)
    entries.push({ kind: entry.kind, name, settings })
  }
  return { entries, problems }
}

function unknownKind(kind: unknown, schemas: readonly ConnectorSchema[]): string {
  const kinds = schemas.map((each) => each.kind)
  if (kind !== undefined) return expectedOne(kinds, kind)
  return `is missing; write one of ${kinds.join(', ')}`
}

/** The connector's schema for an entry that also says `kind` and `name`, refusing keys that it does not know. */
function settingsOf(schema: z.ZodType): z.ZodType {
  const strict = schema instanceof z.ZodObject ? schema.strict() : schema
  return z.preprocess((entry) => {
    const { kind: _kind, name: _name, ...settings } = entry as Record<string, unknown>
    return settings
  }, strict)
}
