import { z } from 'zod'

const cursorSchema = z.object({
  /** What decided which incidents count when this was written. */
  scope: z.string(),
  /** History was asked for from here; ms as all instants here. */
  from: z.number(),
  /** Every incident created before is stored. */
  listedTo: z.number(),
  /** Changes of what was listed are known up to here. */
  changesTo: z.number(),
  sweptAt: z.number(),
  /** Incidents that the next run will meet again, with what they looked like. */
  seen: z.record(z.string(), z.string()),
  /** Log entries that the next run will meet again: where it meets no other, nothing has happened. */
  entries: z.array(z.string()).default([]),
  /** Written at the end of a run: one that was cut off has more to read than what the log tells. */
  isWhole: z.boolean().default(false),
})

export type Cursor = z.output<typeof cursorSchema>

/** Undefined where it is none of this version's: then everything is read anew, which costs time only. */
export function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined
  try {
    return cursorSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
