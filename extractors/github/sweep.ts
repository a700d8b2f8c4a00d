import { Rejected } from '../../core/errors.ts'
import type { FactKey, FactKind } from '../../core/fact.ts'
import type { Page } from '../extractor.ts'
import { rolloutOf } from './deployments.ts'
import { isRow } from './fields.ts'
import type { Row } from './fields.ts'
import type { Reading, Repository } from './reading.ts'
import { changeFact } from './rows.ts'
import { isDeployment } from './run-rows.ts'

/** Looked up by id in one sweep at most; the next one goes on. */
const most = 200

/** Whether what is stored still counts by what GitHub says of it. */
function counts(row: Row, kind: FactKind, reading: Reading, repository: Repository): boolean {
  if (kind === 'deployment' && repository.settings.deployments === 'workflow')
    return isDeployment(row, repository)
  try {
    if (kind === 'deployment') return rolloutOf(row, reading, repository) !== undefined
    return changeFact(row, { source: reading.source, repository: repository.name }) !== undefined
  } catch (error) {
    if (error instanceof Rejected) return false
    throw error
  }
}

const resources = { deployments: 'deployments', releases: 'releases', workflow: 'actions/runs' }

/** Whether GitHub still has it, asked by its id: not having seen it in a list is no proof. */
async function remains(
  reading: Reading,
  repository: Repository,
  kind: FactKind,
  id: string,
): Promise<boolean> {
  const number = id.slice(repository.name.length + 1)
  const list = kind === 'change' ? 'pulls' : resources[repository.settings.deployments]
  const about = { repository: repository.name }
  const path = `/repos/${repository.name}/${list}/${encodeURIComponent(number)}`
  const answer = await reading.client.get(path, about, { mayBeGone: true })
  if (answer.state !== 'ok' || !isRow(answer.data)) return answer.state !== 'gone'
  return counts(answer.data, kind, reading, repository)
}

/** Stored ids of that kind that this sweep has not seen, with their repository. */
async function unseen(reading: Reading, kind: FactKind, byName: Map<string, Repository>) {
  const found: { id: string; repository: Repository }[] = []
  for (const id of await reading.stored(kind)) {
    const repository = byName.get(id.replace(/[#!][^#!]*$/, ''))
    if (repository && !reading.seen[kind].has(id)) found.push({ id, repository })
  }
  return found
}

function runNumber(id: string): number {
  return Number(id.replace(/#.*$/, ''))
}

/** Stored runs that were not seen. Their ids name no repository, so each has to say that it has none. */
async function goneRuns(reading: Reading, repositories: Repository[]): Promise<string[]> {
  let oldest = Number.POSITIVE_INFINITY
  for (const id of reading.seen.run) oldest = Math.min(oldest, runNumber(id))
  // Ids grow with time: a smaller one is of a run that was created before what was read.
  const candidates = [...(await reading.stored('run'))].filter(
    (id) => !reading.seen.run.has(id) && runNumber(id) > oldest,
  )
  const gone: string[] = []
  for (const id of candidates.slice(0, Math.floor(most / repositories.length))) {
    let isGone = true
    for (const repository of repositories) {
      const about = { repository: repository.name, permission: 'Actions: read' }
      const path = `/repos/${repository.name}/actions/runs/${runNumber(id)}`
      const answer = await reading.client.get(path, about, { mayBeGone: true })
      isGone &&= answer.state === 'gone'
    }
    if (isGone) gone.push(id)
  }
  return gone
}

/**
 * What is stored of the swept days and GitHub no longer has, or what no longer counts. `complete` says that
 * every repository ever read was swept; without that nothing is known of runs.
 */
export async function* sweepPages(
  reading: Reading,
  repositories: Repository[],
  complete: boolean,
): AsyncGenerator<Page> {
  const byName = new Map(repositories.map((each) => [each.name, each]))
  const removals: FactKey[] = []
  for (const kind of ['deployment', 'change'] as const) {
    for (const { id, repository } of (await unseen(reading, kind, byName)).slice(0, most)) {
      if (await remains(reading, repository, kind, id)) continue
      delete reading.state.openDeployments[id]
      removals.push({ kind, source: reading.source, id })
    }
  }
  if (complete && reading.settings.runs && repositories.length > 0)
    for (const id of await goneRuns(reading, repositories))
      removals.push({ kind: 'run', source: reading.source, id })
  if (removals.length > 0) yield { facts: [], removals }
}
