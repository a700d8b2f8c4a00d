import { Rejected } from './errors.ts'
import type {
  Change,
  Commit,
  Deployment,
  Fact,
  FactKind,
  Incident,
  Run,
  TestReport,
  TestSuite,
} from './fact.ts'
import {
  count,
  flag,
  instant,
  pointInstant,
  list,
  objectOf,
  optional,
  orElse,
  outcome,
  testCount,
  text,
  word,
} from './fact-fields.ts'
import type { Field, Fields } from './fact-fields.ts'
import { formatInstant, shown } from './instant.ts'

const source = word('github')
const repository = word('acme/shop')
const sha = word('9fceb02d0ae598e95dc970b74767f19372d61af8')
const version = word('1.4.2')

// The order of the keys is the order in every fact read and in every line written.

const deployment: Fields<Deployment> = {
  kind: isKind('deployment'),
  source,
  id: word('acme/shop#981'),
  service: optional(word('checkout')),
  environment: word('production'),
  repository: optional(repository),
  sha: optional(sha),
  ref: optional(text),
  version: optional(version),
  startedAt: optional(instant),
  finishedAt: optional(pointInstant),
  outcome,
  range: optional(objectOf<{ base: string; commits: string[] }>({ base: sha, commits: list(sha) })),
  isRollback: optional(flag),
  isRework: optional(flag),
  firstCommitAt: optional(instant),
  workflow: optional(text),
  url: optional(text),
  actor: optional(text),
  team: optional(text),
}

const change: Fields<Change> = {
  kind: isKind('change'),
  source,
  id: word('acme/shop!42'),
  repository,
  number: count,
  title: orElse(text, () => ''),
  author: orElse(text, () => ''),
  isBot: orElse(flag, () => false),
  labels: orElse(list(text), () => []),
  branch: optional(text),
  openedAt: optional(instant),
  readyAt: optional(instant),
  firstReviewAt: optional(instant),
  approvedAt: optional(instant),
  mergedAt: instant,
  commits: orElse(list(objectOf<Change['commits'][number]>({ sha, authoredAt: instant })), () => []),
  headSha: optional(sha),
  mergeSha: optional(sha),
  additions: optional(count),
  deletions: optional(count),
  changedFiles: optional(count),
  url: optional(text),
}

const commit: Fields<Commit> = {
  kind: isKind('commit'),
  source,
  id: word('acme/shop@9fceb02d0ae598e95dc970b74767f19372d61af8'),
  repository,
  sha,
  parents: list(sha),
  authoredAt: instant,
  committedAt: instant,
  author: optional(text),
  isBot: orElse(flag, () => false),
  message: optional(text),
  paths: optional(list(text)),
  change: optional(word('acme/shop!42')),
}

const incident: Fields<Incident> = {
  kind: isKind('incident'),
  source,
  id: word('Q1'),
  service: optional(word('checkout')),
  services: optional(list(word('checkout'))),
  environment: optional(word('production')),
  title: optional(text),
  severity: optional(text),
  startedAt: pointInstant,
  openedAt: optional(instant),
  acknowledgedAt: optional(instant),
  resolvedAt: optional(instant),
  causedBy: optional(
    objectOf<NonNullable<Incident['causedBy']>>({
      deploymentId: optional(word('acme/shop#981')),
      sha: optional(sha),
      version: optional(version),
    }),
  ),
  deployTriggered: optional(flag),
  url: optional(text),
}

const run: Fields<Run> = {
  kind: isKind('run'),
  source,
  id: word('7701#2'),
  repository,
  workflow: word('ci.yml'),
  sha: optional(sha),
  branch: optional(text),
  attempt: orElse(count, () => 1),
  startedAt: instant,
  finishedAt: optional(instant),
  outcome,
  url: optional(text),
}

const testReport: Fields<TestReport> = {
  kind: isKind('testReport'),
  source,
  id: word('acme/shop#7701'),
  repository,
  run: optional(word('7701')),
  sha: optional(sha),
  startedAt: pointInstant,
  suites: list(objectOf<TestSuite>({ name: text, tests: list(testCount) })),
}

const readers: Record<FactKind, Field<Fact>> = {
  deployment: objectOf(deployment),
  change: objectOf(change),
  commit: objectOf(commit),
  incident: objectOf(incident),
  run: objectOf(run),
  testReport: objectOf(testReport),
}

/**
 * A fact from parsed JSON: instants in epoch ms, keys in one order, unknown keys dropped, null as absent.
 * Throws Rejected with the field's path, what it got and what would be right.
 */
export function parseFact(value: unknown): Fact {
  const kind = kindOf(value)
  if (kind === undefined)
    throw new Rejected(`${shown(value)} is no fact; write an object with kind, source, id`)
  const fact = readers[kind](value, '')
  if (fact.kind === 'deployment' && fact.service === undefined && fact.repository === undefined) {
    throw new Rejected('service: is missing; write the service, or the repository it is deployed from')
  }
  if ((fact.kind === 'deployment' || fact.kind === 'run') && fact.outcome !== 'running') {
    instant(fact.finishedAt, 'finishedAt')
  }
  return fact
}

function kindOf(value: unknown): FactKind | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const kind: unknown = 'kind' in value ? value.kind : undefined
  if (typeof kind === 'string' && Object.hasOwn(readers, kind)) return kind as FactKind
  const found = kind === undefined ? 'is missing' : `got ${shown(kind)}`
  throw new Rejected(`kind: ${found}; write deployment, change, commit, incident, run or testReport`)
}

function isKind<Kind extends FactKind>(kind: Kind): Field<Kind> {
  return () => kind
}

const orders: Record<FactKind, readonly string[]> = {
  deployment: Object.keys(deployment),
  change: Object.keys(change),
  commit: Object.keys(commit),
  incident: Object.keys(incident),
  run: Object.keys(run),
  testReport: Object.keys(testReport),
}

/** One line of NDJSON without its newline; parseFact reads it back to an equal fact. */
export function formatFact(fact: Fact): string {
  const values = fact as unknown as Record<string, unknown>
  const written: Record<string, unknown> = {}
  for (const key of orders[fact.kind]) {
    const value = values[key]
    if (value !== undefined) written[key] = key.endsWith('At') ? formatInstant(value as number) : value
  }
  if (fact.kind === 'change') written['commits'] = fact.commits.map(formatCommit)
  return JSON.stringify(written)
}

function formatCommit(one: Change['commits'][number]): object {
  return { sha: one.sha, authoredAt: formatInstant(one.authoredAt) }
}
