import { z } from 'zod'
import { entrySchema, rootSchema, serviceSchema } from './schema.ts'

/** What a connector brings to the configuration: its kind, and a schema of all but `kind` and `name`. */
export interface ConnectorSchema {
  kind: string
  schema: z.ZodType
}

export interface ConnectorSchemas {
  sources: readonly ConnectorSchema[]
  sinks: readonly ConnectorSchema[]
  channels?: readonly ConnectorSchema[]
  /** Of what stands under `alerts`; where it is left out, nothing may. */
  alerts?: z.ZodType
}

/** The lists whose entries are connectors' settings. */
export const connectorLists = ['sources', 'sinks', 'channels'] as const

/** Keys and list positions from the root. */
export type Path = readonly (string | number)[]

/** What is asked of a schema: the part of JSON Schema that the checks' own fields turn into. */
export interface SchemaNode {
  type?: string | string[]
  properties?: Record<string, SchemaNode>
  additionalProperties?: SchemaNode | boolean
  /** Of keys and values, which keys there may be. */
  propertyNames?: { enum?: string[] }
  items?: SchemaNode
  anyOf?: SchemaNode[]
  oneOf?: SchemaNode[]
  allOf?: SchemaNode[]
  /** What errors show as right; `examples` of JSON Schema is lost where a value is converted. */
  example?: unknown
  examples?: unknown[]
  secret?: boolean
  filePath?: boolean
}

/** The nodes that describe the value at a path: several where it may take several forms, none if unknown. */
export type SchemaTree = (path: Path) => SchemaNode[]

/** The schema of the configuration `raw`, whose entries of sources and sinks are those of their kinds. */
export function schemaTree(raw: unknown, connectors: ConnectorSchemas): SchemaTree {
  const root = nodeOf(rootSchema)
  const service = nodeOf(serviceSchema)
  const alerts = nodeOf(connectors.alerts ?? z.undefined())
  const entries = new Map<string, SchemaNode>()
  return (path) => {
    const [list, index, ...rest] = path
    if (typeof index === 'number' && list === 'services') return descend([service], rest)
    if (list === 'alerts') return descend([alerts], path.slice(1))
    if (typeof index === 'number' && (list === 'sources' || list === 'sinks' || list === 'channels')) {
      const kind = valueAt(raw, [list, index, 'kind'])
      const key = `${list} ${String(kind)}`
      let node = entries.get(key)
      if (!node) {
        const schema = connectors[list]?.find((each) => each.kind === kind)?.schema
        node = schema ? { allOf: [nodeOf(entrySchema), nodeOf(schema)] } : nodeOf(entrySchema)
        entries.set(key, node)
      }
      return descend([node], rest)
    }
    return descend([root], path)
  }
}

/** The schema of a file of its own. */
export function treeOf(schema: z.ZodType): SchemaTree {
  const node = nodeOf(schema)
  return (path) => descend([node], path)
}

function nodeOf(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaNode
}

function descend(nodes: readonly SchemaNode[], path: Path): SchemaNode[] {
  let current = nodes.flatMap(forms)
  for (const segment of path) current = current.flatMap((node) => childrenOf(node, segment)).flatMap(forms)
  return current
}

function forms(node: SchemaNode): SchemaNode[] {
  const others = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])]
  return [node, ...others.flatMap(forms)]
}

function childrenOf(node: SchemaNode, segment: string | number): SchemaNode[] {
  const child = typeof segment === 'number' ? node.items : node.properties?.[segment]
  if (child) return [child]
  return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []
}

/** The value at a path of plain data; undefined where there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = (value as Record<string | number, unknown>)[segment]
  }
  return value
}

/** Every key that a configuration may have: `services[].team`, `sources[github].token`. */
export function configKeys(connectors: ConnectorSchemas): string[] {
  const keys = [
    ...keysBelow(nodeOf(rootSchema), ''),
    ...keysBelow(nodeOf(serviceSchema), 'services[].'),
    ...(connectors.alerts ? keysBelow(nodeOf(connectors.alerts), 'alerts.') : []),
  ]
  for (const list of connectorLists) {
    for (const { kind, schema } of connectors[list] ?? []) {
      const node = { allOf: [nodeOf(entrySchema), nodeOf(schema)] }
      keys.push(...keysBelow(node, `${list}[${kind}].`))
    }
  }
  return [...new Set(keys)]
}

function keysBelow(node: SchemaNode, prefix: string): string[] {
  return forms(node).flatMap((form) => {
    const below = form.items ? keysBelow(form.items, `${prefix.slice(0, -1)}[].`) : []
    const keys = Object.entries(form.properties ?? {}).flatMap(([key, child]) => [
      prefix + key,
      ...keysBelow(child, `${prefix}${key}.`),
    ])
    return [...below, ...keys]
  })
}
