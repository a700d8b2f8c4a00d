import type { Config } from '../config/config.ts'
import { ConfigError } from '../core/errors.ts'
import type { Extractor } from '../extractors/extractor.ts'
import type { Delivery } from '../pipeline/deliver.ts'
import { hasFailed, rebuildAll, refresh, type Pipeline, type Refreshed } from '../pipeline/refresh.ts'
import type { Sending } from '../pipeline/send-alerts.ts'
import { dateOf } from './changes.ts'
import { open } from './context.ts'

/** `dorado refresh`: one pass over everything. Returns the exit code. */
export async function refreshCommand(config: Config): Promise<number> {
  const { pipeline, io, close } = open(config, { command: 'refresh' })
  try {
    const refreshed = await refresh(pipeline, io)
    process.stdout.write(`${summary(refreshed)}\n`)
    return hasFailed(refreshed) ? 1 : 0
  } finally {
    close()
  }
}

/** `dorado backfill --since D`: reads the sources' history anew from an instant, then refreshes. */
export async function backfillCommand(
  config: Config,
  { since, source }: { since: string; source?: string },
): Promise<number> {
  const from = dateOf(since, '--since')
  if (from > Date.now()) throw new ConfigError(`--since ${since}: is in the future`)
  const names = config.sources.map(({ name }) => name)
  if (source !== undefined && !names.includes(source)) {
    throw new ConfigError(`no source ${source}; there are ${names.join(', ') || 'none'}`)
  }
  const { pipeline, io, close } = open(config, { command: 'backfill' })
  try {
    const extractors = pipeline.extractors.filter(({ name }) => source === undefined || name === source)
    const start = await withoutGap(pipeline, extractors, from)
    for (const { name } of extractors) await pipeline.store.meta.resetCursor(name)
    const refreshed = await refresh(pipeline, io, { from: start })
    process.stdout.write(`${summary(refreshed)}\n`)
    return hasFailed(refreshed) ? 1 : 0
  } finally {
    close()
  }
}

/** Before the last complete run, so that what came in on the days around it is read for certain. */
const overlapMs = 86_400_000

/**
 * From when the sources are read: where `from` lies behind what a source has been read to, from there on, or from
 * the configured beginning where it was never read. What lies between would be taken for read and never be.
 */
async function withoutGap(
  { store, derivation }: Pipeline,
  extractors: readonly Extractor[],
  from: number,
): Promise<number> {
  let start = from
  for (const { name } of extractors) {
    const { completeUntil } = await store.meta.source(name)
    const readTo = completeUntil === null ? derivation.since : completeUntil - overlapMs
    start = Math.min(start, readTo ?? Infinity)
  }
  return start
}

/** `dorado rebuild`: derives everything anew from the stored facts. */
export async function rebuildCommand(config: Config): Promise<number> {
  const { pipeline, io, close } = open(config, { command: 'rebuild', mustExist: true })
  try {
    const { derived, deliveries } = await rebuildAll(pipeline, io)
    process.stdout.write(
      `Derived ${derived.services} services anew; ${derived.points} points differ from before.\n`,
    )
    for (const delivery of deliveries) process.stdout.write(`${deliveryLine(delivery)}\n`)
    return deliveries.some(({ error }) => error !== undefined) ? 1 : 0
  } finally {
    close()
  }
}

/** What a refresh did, a line each for sources, derivation and sinks. */
export function summary({ sources, derived, deliveries, alerted }: Refreshed): string {
  const lines = sources.map((run) => {
    const skipped = run.skippedCount === 0 ? '' : `, ${run.skippedCount} rows skipped`
    const told = `${run.facts} facts, ${run.removed} removed${skipped}, ${run.requests} requests, ${(run.durationMs / 1000).toFixed(1)} s`
    return run.error === undefined
      ? `source ${run.source}: ${told}`
      : `source ${run.source}: FAILED: ${run.error} (${told})`
  })
  const skips = sources.flatMap(({ source, skipped }) =>
    skipped.slice(0, 3).map(({ row, reason }) => `  skipped ${source} ${row}: ${reason}`),
  )
  return [
    ...lines,
    ...skips,
    `derived: ${derived.services} services, ${derived.points} points changed`,
    ...deliveries.map(deliveryLine),
    ...(alerted === undefined ? [] : [`alerts: ${alerted.firing} firing`]),
    ...(alerted?.sendings ?? []).map(sendingLine),
  ].join('\n')
}

function sendingLine({ channel, sent, givenUp, collapsed, error }: Sending): string {
  const lost = givenUp > 0 ? `, ${givenUp} given up` : ''
  const told = `${sent} messages sent${lost}${collapsed > 0 ? `, ${collapsed} collapsed` : ''}`
  return error === undefined
    ? `channel ${channel}: ${told}`
    : `channel ${channel}: FAILED: ${error} (${told})`
}

export function deliveryLine({ sink, points, rejected, left, error }: Delivery): string {
  const waiting = error === undefined && left > 0 ? `, ${left} wait` : ''
  const told = `${points} points${rejected > 0 ? `, ${rejected} rejected` : ''}${waiting}`
  return error === undefined ? `sink ${sink}: ${told}` : `sink ${sink}: FAILED: ${error} (${told} before)`
}
