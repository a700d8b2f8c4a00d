import { messageOf, Refused, Unavailable } from '../../core/errors.ts'
import type { FactKind, Run } from '../../core/fact.ts'
import type { Io } from '../../core/io.ts'
import type { Page, Since } from '../extractor.ts'
import { readChanges } from './changes.ts'
import { isFatal } from './client.ts'
import type { Client } from './client.ts'
import { readFiles } from './commit-files.ts'
import { readCommits } from './commits.ts'
import { readCursor } from './cursor.ts'
import { readDeployments } from './deployments.ts'
import { askAgain } from './open-deployments.ts'
import { checkpoint, dayMs } from './reading.ts'
import type { Reading, Repository } from './reading.ts'
import { listRepositories } from './repositories.ts'
import { readRuns } from './runs.ts'
import type { Settings } from './settings.ts'
import { sweepPages } from './sweep.ts'

/** Repositories in a row that could not be reached until the rest is left for the next refresh. */
const patience = 3

/** What runs give has to be known before commits are, for these look up what was deployed. */
const steps = [readDeployments, readRuns, readCommits, readChanges]
/** Where files are wanted, pull requests go first: theirs are those of the commits that they became. */
const stepsForPaths = [readDeployments, readRuns, readChanges, readCommits]

function once<K, V>(load: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const loaded = new Map<K, Promise<V>>()
  return (key) => {
    const value = loaded.get(key) ?? load(key)
    loaded.set(key, value)
    return value
  }
}

async function openRunsOf(since: Since): Promise<Map<string, Run[]>> {
  const runs = new Map<string, Run[]>()
  for (const fact of await since.open('run'))
    if (fact.kind === 'run') runs.set(fact.repository, [...(runs.get(fact.repository) ?? []), fact])
  return runs
}

async function begin(
  source: string,
  settings: Settings,
  client: Client,
  since: Since,
  io: Io,
): Promise<Reading> {
  const now = io.clock()
  const sweepAt = now - settings.sweepDays * dayMs
  const kinds: FactKind[] = ['deployment', 'change', 'commit', 'incident', 'run']
  return {
    source,
    settings,
    client,
    io,
    since,
    state: readCursor(since.cursor),
    get startAt() {
      return Math.min(now, client.counts.serverAt ?? now) - settings.overlap * 3_600_000
    },
    historyFrom: since.from - settings.historyDays * dayMs,
    seen: Object.fromEntries(kinds.map((kind) => [kind, new Set<string>()])) as Reading['seen'],
    stored: once(async (kind) => new Set(await since.stored(kind, sweepAt))),
    openRuns: await openRunsOf(since),
    reopened: new Map(),
  }
}

/** The failures as one error that names each: refusals if all are, so that nobody retries in vain. */
function together(source: string, failures: Error[]): Error {
  const [only] = failures
  if (failures.length === 1 && only) return only
  const text = `GitHub source ${source}: ${failures.length} failed: ${failures.map(messageOf).join('; ')}`
  return failures.every((each) => each instanceof Refused) ? new Refused(text) : new Unavailable(text)
}

/**
 * One refresh of the source. What changed in each repository is yielded, with a cursor after each kind of
 * row; a repository that fails holds up no other, and the error at the end names it. Throws at once what
 * concerns all: an unknown token, a rate limit that asks for too long a wait, an abort.
 */
export async function* extract(
  source: string,
  settings: Settings,
  client: Client,
  since: Since,
  io: Io,
): AsyncGenerator<Page> {
  const reading = await begin(source, settings, client, since, io)
  const { state } = reading
  const failures: Error[] = []
  const failed = (error: unknown): void => {
    if (isFatal(error)) throw error
    failures.push(error as Error)
  }
  const now = io.clock()
  const due = state.sweptAt !== undefined && now - state.sweptAt >= dayMs
  if (due) reading.sweepFrom = now - settings.sweepDays * dayMs
  const listed = await listRepositories(client, settings, failed)
  const repositories = listed.map((each): Repository => {
    const known = (state.repositories[each.name] ??= {})
    const wantsPaths = since.wantsPaths?.(each.name) ?? false
    return { name: each.name, settings: each, state: known, wantsPaths, mergedFiles: new Map() }
  })
  try {
    await askAgain(reading, repositories)
  } catch (error) {
    failed(error)
  }
  const done: Repository[] = []
  let unreachable = 0
  for (const repository of repositories) {
    try {
      for (const step of repository.wantsPaths ? stepsForPaths : steps) yield* step(reading, repository)
      done.push(repository)
      unreachable = 0
    } catch (error) {
      failed(error)
      unreachable = error instanceof Unavailable ? unreachable + 1 : 0
      if (unreachable === patience) break
    }
  }
  // Last, for it may take the most requests and nothing else waits for it.
  let files = settings.commitFiles
  const pathless = done.filter((each) => each.wantsPaths && (each.state.pathless?.length ?? 0) > 0)
  for (const [at, repository] of pathless.entries()) {
    try {
      files -= yield* readFiles(reading, repository, Math.ceil(files / (pathless.length - at)))
    } catch (error) {
      failed(error)
    }
  }
  const complete = failures.length === 0 && Object.keys(state.repositories).length === done.length
  if (due) yield* sweepPages(reading, done, complete)
  if (failures.length === 0 && (due || state.sweptAt === undefined)) state.sweptAt = now
  yield checkpoint(reading)
  if (failures.length > 0) throw together(source, failures)
}
