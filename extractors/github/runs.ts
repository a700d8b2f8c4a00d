import { Refused } from '../../core/errors.ts'
import type { FactKey } from '../../core/fact.ts'
import type { Page } from '../extractor.ts'
import { continued } from './cursor.ts'
import { isBefore, isRow, maybeText, member, nodesOf, present } from './fields.ts'
import type { Row } from './fields.ts'
import { checkpoint } from './reading.ts'
import type { Reading, Repository } from './reading.ts'
import { deployWorkflow, noteAttempts, permission, runPage } from './run-rows.ts'
import { windowPages } from './run-windows.ts'
import { modeOf } from './settings.ts'

/** The list to read, and what it being absent means. */
function listOf(reading: Reading, repository: Repository): { path: string; absent: string } {
  const workflow = deployWorkflow(repository)
  const runs = `/repos/${repository.name}/actions`
  const query = 'per_page=100&exclude_pull_requests=true'
  if (reading.settings.runs || workflow === undefined)
    return {
      path: `${runs}/runs?${query}`,
      absent:
        'no workflow runs: Actions is off here (runs: false leaves them out), or not visible to this token',
    }
  return {
    path: `${runs}/workflows/${encodeURIComponent(workflow)}/runs?${query}`,
    absent: `no workflow ${workflow} is visible to this token`,
  }
}

/** The default branch, where a workflow's runs count only on it and nothing has told its name yet. */
async function learnBranch(reading: Reading, repository: Repository): Promise<void> {
  if (deployWorkflow(repository) === undefined || repository.state.branch !== undefined) return
  const about = { repository: repository.name, permission: 'Metadata: read' }
  const answer = await reading.client.get(`/repos/${repository.name}`, about)
  const branch = maybeText(member(answer.data), 'default_branch')
  if (branch !== undefined) repository.state.branch = branch
}

/** Rows that may have changed since the stream was read; the others are only seen. */
function changed(reading: Reading, repository: Repository, rows: Row[], at: number | undefined): Row[] {
  if (at === undefined) return rows
  const old = rows.filter((row) => isBefore(at, row, 'updated_at'))
  for (const row of old) {
    noteAttempts(reading, row)
    reading.seen.deployment.add(`${repository.name}#${String(row['id'])}`)
  }
  return rows.filter((row) => !old.includes(row))
}

/** Asks again for each run that had not ended, unless the lists have shown it. An unchanged one costs nothing. */
async function* openRuns(reading: Reading, repository: Repository): AsyncGenerator<Page> {
  const { name, state } = repository
  const stored = reading.openRuns.get(name) ?? []
  const ids = new Set([
    ...Object.keys(state.openRuns ?? {}),
    ...stored.map((run) => run.id.replace(/#.*$/, '')),
  ])
  for (const id of ids) {
    const before = stored.filter((run) => run.id.startsWith(`${id}#`))
    if (before.length > 0 && before.every((run) => reading.seen.run.has(run.id))) continue
    const etag = state.openRuns?.[id]
    const about = { repository: name, permission }
    const options = { mayBeGone: true, ...(etag && { etag }) }
    const answer = await reading.client.get(`/repos/${name}/actions/runs/${id}`, about, options)
    if (answer.state === 'ok' && isRow(answer.data))
      yield await runPage(reading, repository, [answer.data], answer.etag)
    if (answer.state !== 'gone') continue
    delete state.openRuns?.[id]
    const removals = before.map((run): FactKey => ({ kind: 'run', source: reading.source, id: run.id }))
    if (deployWorkflow(repository) !== undefined)
      removals.push({ kind: 'deployment', source: reading.source, id: `${name}#${id}` })
    yield { facts: [], removals }
  }
}

/** Workflow runs: the newest hundred, what lies between them and the last refresh, and the open ones. */
export async function* readRuns(reading: Reading, repository: Repository): AsyncGenerator<Page> {
  const { client, settings, sweepFrom } = reading
  const { name, state } = repository
  const workflow = deployWorkflow(repository)
  if (!settings.runs && workflow === undefined) return
  await learnBranch(reading, repository)
  const from = workflow === undefined ? reading.since.from : reading.historyFrom
  const mode = workflow === undefined ? 'runs' : `${settings.runs} ${modeOf(repository.settings, undefined)}`
  const stream = continued(state.runs, from, mode)
  const { path, absent } = listOf(reading, repository)
  const about = { repository: name, permission }
  const etag = sweepFrom === undefined ? stream?.etag : undefined
  const probe = await client.get(path, about, { etag, mayBeGone: true })
  if (probe.state === 'gone') throw new Refused(`${name}: ${absent}`, 404)
  if (stream && probe.state === 'unchanged') {
    stream.at = reading.startAt
    yield* openRuns(reading, repository)
    return
  }
  const newest = nodesOf(member(probe.data)?.['workflow_runs'])
  yield await runPage(reading, repository, changed(reading, repository, newest, stream?.at))
  const start = Math.min(stream?.at ?? from, sweepFrom ?? Number.POSITIVE_INFINITY)
  const oldest = Date.parse(maybeText(newest.at(-1), 'created_at') ?? '')
  if (probe.next !== undefined && oldest >= start) {
    for await (const { rows, skipped, until } of windowPages(client, path, start, oldest, about)) {
      const page = await runPage(reading, repository, changed(reading, repository, rows, stream?.at))
      yield { ...page, skipped: [...skipped, ...(page.skipped ?? [])] }
      if (until === undefined || until <= (state.runs?.at ?? 0)) continue
      // A refresh of many runs goes on from here when the rate limit ends it.
      state.runs = { at: Math.min(until, reading.startAt), from, mode }
      yield checkpoint(reading)
    }
  }
  yield* openRuns(reading, repository)
  const known = Math.min(from, stream?.from ?? from)
  state.runs = { at: reading.startAt, from: known, mode, ...present({ etag: probe.etag }) }
  yield checkpoint(reading)
}
