import { once } from 'node:events'
import type { Config } from '../config/config.ts'
import { ConfigError, messageOf } from '../core/errors.ts'
import type { Fact } from '../core/fact.ts'
import { formatFact } from '../core/fact-json.ts'
import { encodeTime } from '../core/line-protocol.ts'
import { readFacts } from '../extractors/fact-lines.ts'
import { deriveChanges } from '../pipeline/derive.ts'
import { writeQuality } from '../pipeline/quality-points.ts'
import { deliverAll } from '../pipeline/deliveries.ts'
import { optionsAt } from '../pipeline/refresh.ts'
import { open, type Opened } from './context.ts'
import { openUpToDate } from './report.ts'

const factsAtOnce = 5_000
const badLinesShown = 20

/**
 * `dorado import FILE`: stores the facts of an NDJSON file and derives what changed. A file with a bad line is
 * refused as a whole before anything is stored, unless bad lines are to be skipped. Returns the exit code.
 */
export async function importCommand(
  config: Config,
  path: string,
  { skipBad }: { skipBad?: boolean },
): Promise<number> {
  const bad = await badLines(path)
  for (const line of bad.shown) process.stderr.write(`${line}\n`)
  if (bad.count > bad.shown.length) process.stderr.write(`… and ${bad.count - bad.shown.length} more\n`)
  if (bad.count > 0 && !skipBad) {
    process.stderr.write(
      `${path}: ${bad.count} bad lines, nothing imported; mend them, or skip them with --skip-bad\n`,
    )
    return 1
  }
  const { pipeline, io, close } = open(config, { command: 'import' })
  try {
    const saved = { changed: 0, facts: 0 }
    let page: Fact[] = []
    const flush = async () => {
      saved.facts += page.length
      saved.changed += (await pipeline.store.facts.save({ facts: page })).changed
      page = []
    }
    for await (const line of readFacts(path)) {
      io.signal.throwIfAborted()
      if ('fact' in line) page.push(line.fact)
      if (page.length >= factsAtOnce) await flush()
    }
    await flush()
    const derived = await deriveChanges(pipeline.store, await optionsAt(pipeline, io.clock()))
    await writeQuality(pipeline, io.clock())
    process.stdout.write(
      `${path}: ${saved.facts} facts, ${saved.changed} new or changed; ${derived.services} services derived, ${derived.points} points changed\n`,
    )
    const deliveries = await deliverAll(pipeline, io)
    for (const { sink, error } of deliveries) if (error) process.stderr.write(`sink ${sink}: ${error}\n`)
    return deliveries.some(({ error }) => error !== undefined) ? 1 : 0
  } finally {
    close()
  }
}

async function badLines(path: string): Promise<{ shown: string[]; count: number }> {
  const shown: string[] = []
  let count = 0
  try {
    for await (const line of readFacts(path)) {
      if (!('skipped' in line)) continue
      count += 1
      if (shown.length < badLinesShown) shown.push(`${line.skipped.row}: ${line.skipped.reason}`)
    }
  } catch (error) {
    throw new ConfigError(`cannot read ${path}: ${messageOf(error)}`)
  }
  return { shown, count }
}

/** `dorado export facts|points`: NDJSON, or line protocol, on the standard output. */
export async function exportCommand(config: Config, what: string): Promise<void> {
  if (what !== 'facts' && what !== 'points') throw new ConfigError(`export ${what}: write facts or points`)
  const opened = await openUpToDate(config, 'export')
  try {
    for await (const line of what === 'facts' ? factLines(opened) : pointLines(opened)) {
      if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
    }
  } finally {
    opened.close()
  }
}

async function* factLines({ pipeline }: Opened): AsyncIterable<string> {
  for await (const fact of pipeline.store.facts.all()) yield formatFact(fact)
}

async function* pointLines({ pipeline }: Opened): AsyncIterable<string> {
  for await (const { series, fields, at, nanos } of pipeline.store.points.all()) {
    yield `${series} ${fields} ${encodeTime(at, nanos)}`
  }
}
