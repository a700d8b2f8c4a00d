import type { Deployment, Fact, FactKey } from '../../core/fact.ts'
import type { Page, Since, Skipped } from '../extractor.ts'
import { findChanges } from './changes.ts'
import type { Candidate } from './changes.ts'
import type { Clone } from './clone.ts'
import { addedSince, commitsOf } from './commits.ts'
import { isSame } from './cursor.ts'
import type { RepositoryState } from './cursor.ts'
import { deploymentOfCommit, deploymentOfTag } from './facts.ts'
import { createHistory, mainline } from './history.ts'
import type { History } from './history.ts'
import { fingerprintOf } from './settings.ts'
import type { RepositorySettings } from './settings.ts'
import { readTags } from './tags.ts'
import type { Tag } from './tags.ts'

const pageSize = 2000

/**
 * Pages of one repository; the last one is followed by the state to be kept. Nothing is read where no ref has
 * moved. Otherwise the history is gone through as a whole, for an old merge may be seen in another light by new
 * tags, and what is new or was changed by that is told.
 */
export async function* readClone(
  clone: Clone,
  settings: RepositorySettings,
  before: RepositoryState | undefined,
  since: Pick<Since, 'stored'>,
): AsyncGenerator<Page, RepositoryState> {
  const { place, name, branch, cut } = clone
  const { source } = place
  const tags = settings.deployments === 'tags' ? (await readTags(place, settings)).tags : []
  const now: RepositoryState = {
    settings: fingerprintOf(settings),
    cut,
    ...(branch && { branch: branch.ref }),
    tips: Object.fromEntries([
      ...(branch ? [[branch.ref, branch.sha]] : []),
      ...tags.map(({ ref, object }) => [ref, object]),
    ]),
  }
  if (isSame(before, now)) return now

  const tips = [...new Set([branch?.sha, ...tags.map(({ sha }) => sha)])].filter((sha) => sha !== undefined)
  const isComparable =
    before !== undefined &&
    before.settings === now.settings &&
    before.cut === cut &&
    before.branch === now.branch
  const added = isComparable ? await addedSince(clone, tips, before) : undefined

  const history = createHistory()
  const candidates: Candidate[] = []
  const skipped: Skipped[] = []
  if (cut !== '') skipped.push({ row: name, reason: shallowReason })
  let facts: Fact[] = []
  for await (const commit of commitsOf(clone, tips, settings.paths, history, candidates, skipped)) {
    if (added && !added.has(commit.sha)) continue
    facts.push(commit)
    if (facts.length < pageSize) continue
    yield { facts }
    facts = []
  }

  const line = mainline(history, branch?.sha)
  const isRewritten = !isComparable || !continues(before, now, history, line)
  const isNew = (sha: string) => isRewritten || added === undefined || added.has(sha)

  const deployments = new Map<string, Deployment>()
  const moved = new Set<string>()
  for (const tag of tags) {
    const told = deploymentOfTag(source, name, tag, history, settings)
    if ('reason' in told) skipped.push(told)
    else {
      deployments.set(told.id, told)
      if (isRewritten || before?.tips[tag.ref] !== tag.object) moved.add(told.id)
    }
  }
  if (settings.deployments === 'merges' && branch) {
    for (const index of line) {
      const told = deploymentOfCommit(source, name, index, branch.name, history, settings)
      deployments.set(told.id, told)
      if (isNew(told.sha!)) moved.add(told.id)
    }
  }

  const deployed = deployedBy(tags, history)
  const changes = findChanges(candidates, {
    source,
    repository: name,
    history,
    line,
    branch: branch?.name ?? '',
    deployed,
  })
  const storedChanges = await storedOf('change', `${name}!`, since)
  const storedDeployments = await storedOf('deployment', `${name}#`, since)
  for (const { change, rivals } of changes) {
    if (!storedChanges.has(change.id) || isNew(change.mergeSha!) || rivals.some(isNew)) facts.push(change)
    storedChanges.delete(change.id)
  }
  for (const [id, deployment] of deployments) {
    if (moved.has(id) || !storedDeployments.has(id)) facts.push(deployment)
    storedDeployments.delete(id)
  }
  const removals: FactKey[] = [
    ...[...storedChanges].map((id) => ({ kind: 'change' as const, source, id })),
    ...[...storedDeployments].map((id) => ({ kind: 'deployment' as const, source, id })),
  ]
  for (let from = 0; from < facts.length; from += pageSize)
    yield { facts: facts.slice(from, from + pageSize) }
  yield { facts: [], removals, skipped }
  return now
}

const shallowReason =
  'is a shallow clone: what was deployed before its history begins is unknown; run git fetch --unshallow'

/**
 * Whether the branch only grew at its end, and no tag was moved or deleted: else a commit may be gone, or stand
 * elsewhere than before, and every change is told anew.
 */
function continues(
  before: RepositoryState,
  now: RepositoryState,
  history: History,
  line: readonly number[],
): boolean {
  for (const [ref, sha] of Object.entries(before.tips)) {
    if (ref === before.branch) {
      const index = history.indexOf(sha)
      if (index === undefined || !line.includes(index)) return false
    } else if (now.tips[ref] !== sha) return false
  }
  return true
}

function deployedBy(tags: readonly Tag[], history: History): Set<number> {
  const indices = tags.map(({ sha }) => (sha === undefined ? undefined : history.indexOf(sha)))
  return new Set(indices.filter((index) => index !== undefined))
}

async function storedOf(
  kind: 'change' | 'deployment',
  prefix: string,
  since: Pick<Since, 'stored'>,
): Promise<Set<string>> {
  return new Set((await since.stored(kind, 0)).filter((id) => id.startsWith(prefix)))
}
