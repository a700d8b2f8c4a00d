import { setFlagsFromString } from 'node:v8'

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
