import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { ConfigError, messageOf, Rejected } from '../core/errors.ts'
import { parseFact, formatFact } from '../core/fact-json.ts'
import type { TestReport } from '../core/fact.ts'
import { parseInstant } from '../core/instant.ts'
import { readJunit, reportOf, type JunitOrigin } from '../extractors/junit.ts'
import type { JunitCounts } from '../extractors/junit-elements.ts'
import { deriveChanges } from '../pipeline/derive.ts'
import { testsKeptDays, testsKeptFrom } from '../pipeline/flaky-derivation.ts'
import { writeQuality } from '../pipeline/quality-points.ts'
import { deliverAll } from '../pipeline/deliveries.ts'
import { optionsAt } from '../pipeline/refresh.ts'
import { open } from './context.ts'
import { importCommand } from './import-export.ts'

export interface JunitFlags {
  repository?: string
  run?: string
  sha?: string
  at?: string
}

export interface ImportFlags extends JunitFlags {
  junit?: string
  skipBad?: boolean
}

/** `dorado import` of one kind of file or the other. Returns the exit code. */
export async function importAny(
  config: Config,
  file: string | undefined,
  { junit, skipBad, ...flags }: ImportFlags,
): Promise<number> {
  if (junit !== undefined) {
    if (file !== undefined || skipBad)
      throw new ConfigError('import: write a file of facts or --junit, not both')
    return importJunitCommand(config, junit, flags)
  }
  const [unused] = Object.keys(flags)
  if (unused !== undefined) throw new ConfigError(`import: --${unused} goes with --junit`)
  if (file === undefined)
    throw new ConfigError('import: write a file of facts, or --junit with a file or folder')
  return importCommand(config, file, skipBad === undefined ? {} : { skipBad })
}

/**
 * `dorado import --junit FILE|FOLDER`: stores what the tests of one execution did, and derives what changed. Nothing is
 * stored where a file cannot be read. Returns the exit code.
 */
export async function importJunitCommand(config: Config, path: string, flags: JunitFlags): Promise<number> {
  const { report, told } = await readReport(path, flags)
  const { pipeline, io, close } = open(config, { command: 'import' })
  try {
    const now = io.clock()
    const { changed } = await pipeline.store.facts.save({ facts: [report] })
    const derived = await deriveChanges(pipeline.store, await optionsAt(pipeline, now))
    await writeQuality(pipeline, now)
    const isNew = changed === 0 ? 'known already' : 'new or changed'
    process.stdout.write(`${path}: ${told}, ${isNew}; ${derived.points} points changed\n`)
    if (report.startedAt < testsKeptFrom(now))
      process.stderr.write(
        `${path}: ran ${new Date(report.startedAt).toISOString()}; reports are kept for ${testsKeptDays} days, so this one is not\n`,
      )
    const deliveries = await deliverAll(pipeline, io)
    for (const { sink, error } of deliveries) if (error) process.stderr.write(`sink ${sink}: ${error}\n`)
    return deliveries.some(({ error }) => error !== undefined) ? 1 : 0
  } finally {
    close()
  }
}

async function readReport(path: string, flags: JunitFlags): Promise<{ report: TestReport; told: string }> {
  const { repository, run, sha } = flags
  if (repository === undefined)
    throw new ConfigError(
      '--junit: say whose tests these are with --repository, such as --repository acme/shop',
    )
  const read: JunitCounts[] = []
  try {
    const at = flags.at === undefined ? undefined : parseInstant(flags.at, '--at')
    const files = await filesOf(path)
    for (const file of files) {
      const counts = await readJunit(file)
      if (counts) read.push(counts)
      else if (files.length === 1)
        throw new Rejected(`${file}: is no JUnit XML: its root is no testsuites or testsuite`)
      else process.stderr.write(`${file}: passed over: its root is no testsuites or testsuite\n`)
    }
    if (read.length === 0) throw new Rejected(`${path}: has no JUnit XML`)
    const report = checked(read, { repository, run, sha, at }, path)
    const nameless = read.reduce((sum, each) => sum + each.nameless, 0)
    if (nameless > 0) process.stderr.write(`${path}: ${nameless} test cases without a name left out\n`)
    const tests = report.suites.flatMap((suite) => suite.tests)
    const failed = tests.filter(([, , failures]) => failures > 0).length
    const ofFiles = files.length === 1 ? '' : ` in ${read.length} files`
    return { report, told: `${tests.length} tests${ofFiles}, ${failed} failed` }
  } catch (error) {
    if (error instanceof Rejected || isOfFile(error))
      throw new ConfigError(isOfFile(error) ? `cannot read ${path}: ${messageOf(error)}` : messageOf(error))
    throw error
  }
}

/** As if it had been told as a line: what identifies something is checked. */
function checked(read: readonly JunitCounts[], origin: JunitOrigin, path: string): TestReport {
  if (!/^[^\s/]+(?:\/[^\s/]+)+$/.test(origin.repository))
    throw new Rejected(`--repository ${origin.repository}: write owner/name, such as acme/shop`)
  try {
    return parseFact(JSON.parse(formatFact(reportOf(read, origin)))) as TestReport
  } catch (error) {
    throw error instanceof Rejected ? new Rejected(`${path}: ${error.message}`) : error
  }
}

function isOfFile(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

/** The file, or every XML file of a folder and those below it. */
async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.toLowerCase().endsWith('.xml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
