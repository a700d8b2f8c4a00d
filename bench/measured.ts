import type { Took } from './stopwatch.ts'

/** What one part measured, in a process of its own. */
export interface Measured extends Took {
  rows: number
  /** Of all that, where the part derives. */
  points?: Took
  transactions?: Took
  /** The same hour after hour in the same process, and without new facts. */
  again?: Took
  idle?: Took
  peakMiB: number
}

/** Runs the part that the command line names, with the arguments behind its name, and prints what it measured. */
export async function runPart<Part>(
  parts: Record<string, Part>,
  run: (part: Part, args: readonly string[]) => Promise<Omit<Measured, 'peakMiB'>>,
): Promise<void> {
  const [name, ...args] = process.argv.slice(2)
  if (name === undefined || !Object.hasOwn(parts, name)) throw new Error(`no part ${name}`)
  const measured = await run(parts[name]!, args)
  console.log(
    JSON.stringify({ ...measured, peakMiB: process.resourceUsage().maxRSS / 1024 } satisfies Measured),
  )
}
