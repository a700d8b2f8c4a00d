import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { refreshEqualsRebuild } from './equality.ts'
import type { Figure } from './figure.ts'
import type { Measured } from './measured.ts'
import type { PartName } from './part.ts'
import { minus, plus, type Took } from './stopwatch.ts'

export interface DerivationOptions {
  services: number
  /** A folder for CPU profiles of every part. */
  profiles?: string | undefined
  report: (line: string) => void
}

const run = promisify(execFile)
/** Small: it is about being right. */
const servicesCompared = 50

/**
 * The derivation of a year against reading the same facts and inserting the same points without any of it. Each
 * part runs in a process of its own, so that its memory is its own.
 */
export async function benchDerivation(options: DerivationOptions): Promise<Figure[]> {
  const { services, report } = options
  const folder = await mkdtemp(join(tmpdir(), 'dorado-bench-'))
  try {
    const part = async (name: PartName): Promise<Measured> => {
      report(`${name}, ${services} services …`)
      return measure(name, folder, options)
    }
    const imported = await part('import')
    // Before and after, so that a machine that gets busier meanwhile is the same for both.
    const earlier = await part('scan')
    const derived = await part('derive')
    const later = await part('scan')
    const inserted = await part('inserts')
    const today = await part('today')
    const refreshed = await part('refresh')
    report(`refresh against rebuild, ${servicesCompared} services …`)
    const compared = await refreshEqualsRebuild(servicesCompared)

    const both = plus(earlier, later)
    const scan = { ...earlier, ms: both.ms / 2, cpuMs: both.cpuMs / 2 }
    return figuresOf({ imported, scan, derived, inserted, today, refreshed, compared })
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function measure(name: PartName, folder: string, options: DerivationOptions): Promise<Measured> {
  const { services, profiles } = options
  const profiling = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`]
  const named = profiles === undefined ? [] : [`--cpu-prof-name=${name}.cpuprofile`]
  const { stdout } = await run(process.execPath, [
    ...profiling,
    ...named,
    join(import.meta.dirname, 'part.ts'),
    name,
    join(folder, 'store.db'),
    join(folder, 'points.db'),
    String(services),
  ])
  return JSON.parse(stdout) as Measured
}

interface Results {
  imported: Measured
  scan: Measured
  derived: Measured
  inserted: Measured
  today: Measured
  refreshed: Measured
  compared: { equal: boolean; points: number }
}

function figuresOf({ imported, scan, derived, inserted, today, refreshed, compared }: Results): Figure[] {
  // A transaction's commit writes its points, as the baseline's does.
  const storing = plus(derived.points!, derived.transactions!)
  const deriving = minus(derived, storing)
  const compareTo = (name: string, took: Took, baseline: { name: string; took: Took }, atMost: number) =>
    (['ms', 'cpuMs'] as const).map((unit): Figure => ({
      name: unit === 'ms' ? name : `${name}, CPU`,
      value: took[unit] / 1000,
      unit: 's',
      baseline: { name: baseline.name, value: baseline.took[unit] / 1000 },
      atMost,
    }))
  const whole = { name: 'full derivation', took: derived }
  return [
    {
      name: `import of ${imported.rows} facts`,
      value: imported.rows / (imported.ms / 1000),
      unit: 'facts/s',
    },
    ...compareTo(`deriving from ${scan.rows} facts`, deriving, { name: 'bare scan', took: scan }, 3),
    ...compareTo(`storing ${derived.rows} points`, storing, { name: 'bare inserts', took: inserted }, 2),
    { name: 'of which commits, histories included', value: derived.transactions!.ms / 1000, unit: 's' },
    { name: 'full derivation', value: derived.ms / 1000, unit: 's' },
    { name: 'full derivation: peak memory', value: derived.peakMiB, unit: 'MiB', atMost: 1024 },
    ...compareTo(`refresh after ${today.rows} facts, running process`, refreshed.again!, whole, 0.01),
    // It reads what is kept of every service first.
    ...compareTo('the same in a new process', refreshed, whole, 0.05),
    ...compareTo('an hour without facts, running process', refreshed.idle!, whole, 0.01),
    { name: 'refresh: peak memory', value: refreshed.peakMiB, unit: 'MiB', atMost: 1024 },
    {
      name: `refresh equals rebuild (${compared.points} points)`,
      value: compared.equal ? 1 : 0,
      unit: '',
      atLeast: 1,
    },
  ]
}
