import { pullStateAt, type PullState } from './github-state.ts'
import { headAt, historyOf } from './graph.ts'
import type { Company } from './company.ts'
import type {
  CommitRecord,
  DeploymentRecord,
  PullRequest,
  ReleaseRecord,
  RepositoryRecord,
  RunRecord,
} from './model.ts'
import { countUntil } from './sorted.ts'

/** A repository as GitHub shows it at one instant. The lists are made when they are first asked for. */
export interface RepositoryView {
  repository: RepositoryRecord
  now: number
  head: CommitRecord
  pull(number: number): PullRequest | undefined
  pullById(id: number): PullRequest | undefined
  stateOf(pull: PullRequest): PullState
  /** The latest updated first. */
  pulls(): PullRequest[]
  commit(sha: string): CommitRecord | undefined
  /** From a commit back, the latest first. */
  history(from: CommitRecord): CommitRecord[]
  deployment(id: number): DeploymentRecord | undefined
  /** The newest first. */
  deployments(): DeploymentRecord[]
  run(id: number): RunRecord | undefined
  /** The newest first. */
  runs(): RunRecord[]
  releases(): ReleaseRecord[]
}

/** What GitHub shows of a company, by name or numeric id. */
export interface GithubView {
  byName(fullName: string, now: number): RepositoryView | undefined
  byId(id: number, now: number): RepositoryView | undefined
  ofOwner(owner: string): RepositoryRecord[]
}

/** Views are kept until something happens in their repository. */
export function createGithubView(company: Company): GithubView {
  const lenses = new Map<RepositoryRecord, (now: number) => RepositoryView>()
  const byName = new Map([...company.repositories].map(([name, record]) => [name.toLowerCase(), record]))
  const byId = new Map([...company.repositories.values()].map((record) => [record.id, record]))

  function view(record: RepositoryRecord | undefined, now: number): RepositoryView | undefined {
    if (!record) return undefined
    let lens = lenses.get(record)
    if (!lens) {
      lens = createLens(record)
      lenses.set(record, lens)
    }
    return lens(now)
  }

  const sorted = [...company.repositories.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    byName: (fullName, now) => view(byName.get(fullName.toLowerCase()), now),
    byId: (id, now) => view(byId.get(id), now),
    ofOwner: (owner) => sorted.filter((record) => record.owner.toLowerCase() === owner.toLowerCase()),
  }
}

function createLens(repository: RepositoryRecord): (now: number) => RepositoryView {
  const happenings = Float64Array.from(instantsOf(repository)).sort()
  const ids = {
    pulls: new Map(repository.pulls.map((pull) => [pull.id, pull])),
    deployments: new Map(repository.deployments.map((deployment) => [deployment.id, deployment])),
    runs: new Map(repository.runs.map((run) => [run.id, run])),
  }
  let current: { happened: number; view: RepositoryView } | undefined
  return (now) => {
    const happened = countUntil(happenings as unknown as readonly number[], now, (at) => at)
    if (current?.happened !== happened) current = { happened, view: createView(repository, now, ids) }
    return current.view
  }
}

function* instantsOf(repository: RepositoryRecord): Iterable<number> {
  for (const { visibleAt } of repository.commits) yield visibleAt
  for (const { at } of repository.heads) yield at
  for (const { publishedAt } of repository.releases) yield publishedAt
  for (const { openedAt, readyAt, touchedAt } of repository.pulls) {
    yield openedAt
    if (readyAt !== undefined) yield readyAt
    yield* touchedAt
  }
  for (const { createdAt, statuses } of repository.deployments) {
    yield createdAt
    for (const { at } of statuses) yield at
  }
  for (const { createdAt, attempts } of repository.runs) {
    yield createdAt
    for (const { startedAt, finishedAt } of attempts) {
      yield startedAt
      if (finishedAt !== undefined) yield finishedAt
    }
  }
}

interface ById {
  pulls: Map<number, PullRequest>
  deployments: Map<number, DeploymentRecord>
  runs: Map<number, RunRecord>
}

function createView(repository: RepositoryRecord, now: number, ids: ById): RepositoryView {
  const states = new Map<PullRequest, PullState>()
  const histories = new Map<CommitRecord, CommitRecord[]>()
  const stateOf = (pull: PullRequest): PullState => remember(states, pull, () => pullStateAt(pull, now))
  const seen = <T>(item: T | undefined, at: (item: T) => number) =>
    item && at(item) <= now ? item : undefined
  return {
    repository,
    now,
    head: headAt(repository, now)!,
    pull: (number) => seen(repository.pulls[number - 1], (pull) => pull.openedAt),
    pullById: (id) => seen(ids.pulls.get(id), (pull) => pull.openedAt),
    stateOf,
    pulls: once(() =>
      until(repository.pulls, now, (pull) => pull.openedAt).sort(
        (a, b) => stateOf(b).updatedAt - stateOf(a).updatedAt || b.id - a.id,
      ),
    ),
    commit: (sha) => seen(repository.commitBySha.get(sha), (commit) => commit.visibleAt),
    history: (from) => remember(histories, from, () => historyOf(from)),
    deployment: (id) => seen(ids.deployments.get(id), (deployment) => deployment.createdAt),
    deployments: once(() =>
      until(repository.deployments, now, (deployment) => deployment.createdAt).toReversed(),
    ),
    run: (id) => seen(ids.runs.get(id), (run) => run.createdAt),
    runs: once(() => until(repository.runs, now, (run) => run.createdAt).toReversed()),
    releases: once(() => until(repository.releases, now, (release) => release.publishedAt).toReversed()),
  }
}

function until<T>(list: readonly T[], now: number, instantOf: (item: T) => number): T[] {
  return list.slice(0, countUntil(list, now, instantOf))
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function remember<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
