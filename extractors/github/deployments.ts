import type { Deployment } from '../../core/fact.ts'
import type { Page } from '../extractor.ts'
import { continued } from './cursor.ts'
import type { Stream } from './cursor.ts'
import { isBefore, maybeText, present } from './fields.ts'
import type { Row } from './fields.ts'
import { mapped, pageOf, slices } from './pages.ts'
import * as queries from './queries.ts'
import { checkpoint, dayMs, noteDeployments, originOf, ownerAndName } from './reading.ts'
import type { Reading, Repository } from './reading.ts'
import { deploymentFact, releaseFact } from './rollout-rows.ts'
import { globbed, matcher, modeOf } from './settings.ts'

const kinds = {
  deployments: { document: queries.deployments, permission: 'Deployments: read' },
  releases: { document: queries.releases, permission: 'Contents: read' },
}

/** The fact of one row of the repository's deployments or releases; undefined where it is not wanted. */
export function rolloutOf(row: Row, reading: Reading, repository: Repository): Deployment | undefined {
  const { settings } = repository
  const origin = originOf(reading, repository)
  if (settings.deployments === 'releases') {
    if (!globbed(settings.tags, maybeText(row, 'tagName', 'tag_name') ?? '')) return undefined
    return releaseFact(row, origin, settings.environment, settings.prereleases)
  }
  const fact = deploymentFact(row, origin)
  return matcher(reading.settings.environments)(fact.environment) ? fact : undefined
}

/** As rolloutOf, and keeps the node id of one that has not ended. */
export function keptRollout(row: Row, reading: Reading, repository: Repository): Deployment | undefined {
  const fact = rolloutOf(row, reading, repository)
  const node = maybeText(row, 'id')
  if (fact?.outcome === 'running' && node !== undefined) reading.state.openDeployments[fact.id] = node
  return fact
}

/** Where reading back may stop: releases are few and may be published long after they were drafted. */
function until(reading: Reading, stream: Stream | undefined, kind: 'deployments' | 'releases'): number {
  if (!stream) return reading.historyFrom
  const days = kind === 'releases' ? reading.settings.sweepDays : reading.settings.deploymentDays
  const back = stream.at - days * dayMs
  return reading.sweepFrom === undefined ? back : Math.min(back, reading.sweepFrom - days * dayMs)
}

/** Deployments or releases, newest first, until those that cannot have changed since the last refresh. */
export async function* readDeployments(reading: Reading, repository: Repository): AsyncGenerator<Page> {
  const kind = repository.settings.deployments
  if (kind === 'workflow') return
  const { client, settings, historyFrom } = reading
  const { name, state } = repository
  const { document, permission } = kinds[kind]
  const about = { repository: name, permission }
  const mode = modeOf(repository.settings, settings.environments)
  const stream = continued(state.deployments, historyFrom, mode)
  const etag = reading.sweepFrom === undefined ? stream?.etag : undefined
  const probe = await client.get(`/repos/${name}/${kind}?per_page=100`, about, { etag })
  const reopened = reading.reopened.get(name)
  if (reopened) yield reopened
  if (probe.state === 'unchanged' && stream) {
    stream.at = reading.startAt
    return
  }
  const oldest = until(reading, stream, kind)
  const query = { document, variables: ownerAndName(name), path: ['repository', kind], first: 100 }
  for await (const { rows, skipped } of slices(client, query, about)) {
    const page = mapped(rows, name, (row) => keptRollout(row, reading, repository))
    noteDeployments(reading, repository, page.facts, stream?.at)
    yield pageOf(page.facts, [...skipped, ...page.skipped])
    if (rows.some((row) => isBefore(oldest, row, 'createdAt'))) break
  }
  const from = Math.min(historyFrom, stream?.from ?? historyFrom)
  state.deployments = { at: reading.startAt, from, mode, ...present({ etag: probe.etag }) }
  yield checkpoint(reading)
}
