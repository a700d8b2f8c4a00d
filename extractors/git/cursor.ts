import { z } from 'zod'

const stateSchema = z.object({
  /** The settings it was read with. */
  settings: z.string(),
  /** Where a shallow clone was cut off. */
  cut: z.string(),
  /** The branch's ref. */
  branch: z.string().optional(),
  /** What the branch and the deployed tags pointed to: ref → sha. */
  tips: z.record(z.string(), z.string()),
})
const cursorSchema = z.object({ version: z.literal(1), repositories: z.record(z.string(), stateSchema) })

/** What is stored of one repository. */
export type RepositoryState = z.output<typeof stateSchema>
/** By the name of the repository. */
export type RepositoryStates = Record<string, RepositoryState>

/** Empty where it is none of this version's: then everything is read anew, which costs time only. */
export function readCursor(text: string | undefined): RepositoryStates {
  if (text === undefined) return {}
  try {
    return cursorSchema.parse(JSON.parse(text)).repositories
  } catch {
    return {}
  }
}

export function formatCursor(repositories: RepositoryStates): string {
  return JSON.stringify({ version: 1, repositories })
}

/** Whether nothing that facts depend on has changed. */
export function isSame(before: RepositoryState | undefined, now: RepositoryState): boolean {
  if (before?.settings !== now.settings || before.cut !== now.cut || before.branch !== now.branch)
    return false
  const refs = Object.keys(now.tips)
  return (
    refs.length === Object.keys(before.tips).length && refs.every((ref) => before.tips[ref] === now.tips[ref])
  )
}
