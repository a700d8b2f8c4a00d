/** What something took, in milliseconds: by the clock, and of the processor in this thread. */
export interface Took {
  ms: number
  /** Says the same on a busy machine, and leaves out waiting for the disk. */
  cpuMs: number
}

/** Starts it; each call says what has gone by since. */
export function stopwatch(): () => Took {
  const startedAt = performance.now()
  const before = process.threadCpuUsage()
  return () => {
    const { user, system } = process.threadCpuUsage(before)
    return { ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 }
  }
}

export const nothing: Took = { ms: 0, cpuMs: 0 }

export function plus(a: Took, b: Took): Took {
  return { ms: a.ms + b.ms, cpuMs: a.cpuMs + b.cpuMs }
}

export function minus(a: Took, b: Took): Took {
  return { ms: a.ms - b.ms, cpuMs: a.cpuMs - b.cpuMs }
}

/** Of an odd number of them. */
export function median(all: readonly Took[]): Took {
  const middle = (pick: (took: Took) => number) => all.map(pick).sort((a, b) => a - b)[(all.length - 1) / 2]!
  return { ms: middle(({ ms }) => ms), cpuMs: middle(({ cpuMs }) => cpuMs) }
}
