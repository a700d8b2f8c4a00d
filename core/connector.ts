import type { z } from 'zod'

/**
 * A source, sink or channel: its file owns the schema of its configuration. `make` gets the name it is
 * configured under and its checked settings; it opens nothing.
 */
export interface Connector<Schema extends z.ZodType, Made> {
  kind: string
  schema: Schema
  make: (name: string, settings: z.output<Schema>) => Made
}

export function connector<Schema extends z.ZodType, Made>(
  kind: string,
  schema: Schema,
  make: (name: string, settings: z.output<Schema>) => Made,
): Connector<Schema, Made> {
  return { kind, schema, make }
}
