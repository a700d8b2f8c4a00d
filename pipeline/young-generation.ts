import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let held = 0

/**
 * Keeps the young generation of the heap from growing while `work` goes on. Batches that are on their way to a sink
 * outlive its collections, at which it grows as far as it may: for a backlog of any length that is a hundred megabytes
 * held for nothing. It takes no time that could be measured.
 */
export async function withSmallYoungGeneration<Result>(work: () => Promise<Result>): Promise<Result> {
  if (held === 0) setFlagsFromString('--semi-space-growth-factor=1')
  held += 1
  try {
    return await work()
  } finally {
    held -= 1
    if (held === 0) setFlagsFromString('--semi-space-growth-factor=2')
  }
}

/** What may be added to the memory that is in use before it is looked through. */
const growthMost = 64 * 1024 * 1024

/**
 * Called again and again, it collects what is not needed any more whenever that much came in since: on a machine with
 * much memory the runtime would let hundreds of megabytes pile up first.
 */
export function boundedGrowth(): () => void {
  let inUse = used()
  return () => {
    if (used() - inUse < growthMost) return
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    collect()
    inUse = used()
  }
}

function used(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
