import type { FactKey } from '../../core/fact.ts'
import type { Page } from '../extractor.ts'
import { keptRollout } from './deployments.ts'
import { maybeText, member } from './fields.ts'
import type { Row } from './fields.ts'
import { mapped, nodesById } from './pages.ts'
import * as queries from './queries.ts'
import { noteDeployments } from './reading.ts'
import type { Reading, Repository } from './reading.ts'

/** The node of a deployment whose node id nobody kept; null where there is none any more. */
async function nodeIdOf(reading: Reading, repository: Repository, id: string): Promise<string | null> {
  const path = `/repos/${repository.name}/deployments/${id.slice(id.lastIndexOf('#') + 1)}`
  const about = { repository: repository.name, permission: 'Deployments: read' }
  const answer = await reading.client.get(path, about, { mayBeGone: true })
  return answer.state === 'ok' ? (maybeText(member(answer.data), 'node_id') ?? null) : null
}

/** What deployments became that had not ended: a page for each repository that has some. */
function pageFor(
  reading: Reading,
  repository: Repository,
  ids: string[],
  nodes: ReadonlyMap<string, Row | null | undefined>,
): Page {
  const rows = ids.map((id) => nodes.get(id)).filter((node) => node !== null && node !== undefined)
  const { facts, skipped } = mapped(rows, repository.name, (row) => keptRollout(row, reading, repository))
  noteDeployments(reading, repository, facts)
  const gone = ids.filter((id) => nodes.get(id) === null)
  for (const id of gone) delete reading.state.openDeployments[id]
  const removals = gone.map((id): FactKey => ({ kind: 'deployment', source: reading.source, id }))
  return { facts, skipped, removals }
}

/**
 * Asks for every deployment that had not ended, whatever the cursors say, 100 at a time over all
 * repositories. The pages are kept until their repository has shown to be visible: one that a token lost
 * has not deleted its deployments.
 */
export async function askAgain(reading: Reading, repositories: Repository[]): Promise<void> {
  const byName = new Map(repositories.map((each) => [each.name, each]))
  const open = await reading.since.open('deployment')
  const known = reading.state.openDeployments
  const wanted = new Map<string, string[]>()
  for (const id of new Set([...Object.keys(known), ...open.map((fact) => fact.id)])) {
    const repository = byName.get(id.slice(0, id.lastIndexOf('#')))
    if (repository?.settings.deployments !== 'deployments') continue
    wanted.set(repository.name, [...(wanted.get(repository.name) ?? []), id])
  }
  const asked: { id: string; node: string }[] = []
  const nodes = new Map<string, Row | null | undefined>()
  for (const [name, ids] of wanted) {
    const repository = byName.get(name)
    if (!repository) continue
    for (const id of ids) {
      const node = known[id] ?? (await nodeIdOf(reading, repository, id))
      if (node === null) nodes.set(id, null)
      else asked.push({ id, node })
    }
  }
  const ids = asked.map((each) => each.node)
  const about = { permission: 'Deployments: read' }
  const rows = await nodesById(reading.client, queries.deploymentNodes, ids, about)
  for (const [at, { id }] of asked.entries()) nodes.set(id, rows[at])
  for (const [name, each] of wanted) {
    const repository = byName.get(name)
    if (repository) reading.reopened.set(name, pageFor(reading, repository, each, nodes))
  }
}
