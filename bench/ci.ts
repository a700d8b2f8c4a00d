import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CiPartName } from './ci-part.ts'
import type { Measured } from './measured.ts'
import { runsPerRepository } from './ci-runs.ts'
import type { Figure } from './figure.ts'
import { minus, plus, type Took } from './stopwatch.ts'

const run = promisify(execFile)

export interface CiOptions {
  services: number
  report: (line: string) => void
}

/** CI of half a year against reading the same runs without any of it. Each part runs in a process of its own. */
export async function benchCi({ services, report }: CiOptions): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dorado-bench-'))
  const part = async (name: CiPartName): Promise<Measured> => {
    report(`${name}, ${services} repositories × ${runsPerRepository} runs …`)
    const { stdout } = await run(process.execPath, [
      join(import.meta.dirname, 'ci-part.ts'),
      name,
      join(folder, 'store.db'),
      String(services),
    ])
    return JSON.parse(stdout) as Measured
  }
  try {
    const imported = await part('import')
    // Before and after, so that a machine that gets busier meanwhile is the same for both.
    const earlier = await part('scan')
    const derived = await part('derive')
    const later = await part('scan')
    const refreshed = await part('refresh')
    // A transaction's commit writes its points.
    const storing = plus(derived.points!, derived.transactions!)
    const both = plus(earlier, later)
    const scan: Took = { ms: both.ms / 2, cpuMs: both.cpuMs / 2 }
    const compared = (name: string, took: Took, atMost: number) =>
      (['ms', 'cpuMs'] as const).map((unit): Figure => ({
        name: unit === 'ms' ? name : `${name}, CPU`,
        value: took[unit] / 1000,
        unit: 's',
        baseline: { name: 'bare scan', value: scan[unit] / 1000 },
        atMost,
      }))
    return [
      {
        name: `import of ${imported.rows} runs`,
        value: imported.rows / (imported.ms / 1000),
        unit: 'runs/s',
      },
      ...compared(`CI: deriving from ${earlier.rows} runs`, minus(derived, storing), 3),
      { name: `CI: storing ${derived.rows} points`, value: storing.ms / 1000, unit: 's' },
      { name: 'CI: derivation, peak memory', value: derived.peakMiB, unit: 'MiB', atMost: 1024 },
      ...compared('CI: refresh of 100 repositories, new process', refreshed, 0.1),
      ...compared('CI: refresh again, same process', refreshed.again!, 0.1),
      ...compared('CI: an hour without runs, same process', refreshed.idle!, 0.1),
      { name: 'CI: refresh, peak memory', value: refreshed.peakMiB, unit: 'MiB', atMost: 1024 },
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}
