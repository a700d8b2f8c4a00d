import { iso } from '../reference/history-graph.ts'
import { chosen } from '../reference/history-world.ts'
import { instantOf, isKind, patched, type Line } from './line.ts'

/** What there is to correct a fact with. */
export interface Known {
  lines: readonly Line[]
  services: readonly string[]
  repositories: readonly string[]
  now: number
}

type Patch = Record<string, unknown>
/** Changes one thing about a fact; `by` chooses among what there is. */
type Correction = (line: Line, by: number, known: Known) => Patch

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const shifts = [hour, -hour, 10 * minute, 3 * day, -3 * day, 8 * day, -20 * day, 1]
const environments = ['production', 'prod-eu', 'prod-us', 'staging', 'prod', 'Production']

function shifted(line: Line, key: string, by: number): Patch {
  const value = line[key]
  return typeof value === 'string' ? { [key]: iso(Date.parse(value) + chosen(shifts, by)!) } : {}
}

function shasOf({ lines }: Known, repository: unknown): string[] {
  const commits = lines.filter((line) => line.kind === 'commit' && line['repository'] === repository)
  return [...new Set(commits.map((commit) => String(commit['sha'])))]
}

/** A commit has no descendant as its parent. */
function earlierShas(line: Line, known: Known): string[] {
  const number = (sha: unknown) => Number(/\d+$/.exec(String(sha))?.[0] ?? 0)
  const earlier = shasOf(known, line['repository']).filter((sha) => number(sha) < number(line['sha']))
  return [...earlier, 'gone-0']
}

const deployments = (known: Known) => known.lines.filter(isKind('deployment'))

function isEither(by: number): boolean | undefined {
  return [true, false, undefined][by % 3]
}

/** Of a deployment that is running, some instant. */
const timeOf = (line: Line) => instantOf(line) || Date.parse('2026-03-05T00:00:00Z')

/** A deployment is of a service or of a repository. */
function anyOf<T>(values: readonly T[], by: number, canBeNone: boolean): T | undefined {
  return chosen(canBeNone ? [...values, undefined] : values, by)
}

const ofDeployments: Correction[] = [
  (line, by) => shifted(line, 'finishedAt', by),
  (line, by, { now }) => ({
    outcome: by % 2 === 0 ? 'success' : 'failure',
    finishedAt: line['finishedAt'] ?? iso(now - (by % 5) * hour),
  }),
  (line, by, { now }) =>
    by % 3 === 0
      ? { outcome: 'running', finishedAt: undefined }
      : { outcome: by % 3 === 1 ? 'cancelled' : 'success', finishedAt: line['finishedAt'] ?? iso(now) },
  (line, by, known) => ({ sha: anyOf([...shasOf(known, line['repository']), 'gone-1'], by, true) }),
  (_, by) => ({ environment: chosen(environments, by) }),
  (line, by, { services }) => ({
    service: anyOf([...services, 'ghost'], by, line['repository'] !== undefined),
  }),
  (line, by, { repositories }) => ({ repository: anyOf(repositories, by, line['service'] !== undefined) }),
  (_, by) => ({ isRollback: isEither(by) }),
  (_, by) => ({ isRework: isEither(by) }),
  (line, by, known) => {
    const shas = shasOf(known, line['repository'])
    return {
      range: by % 3 === 0 ? undefined : { base: chosen(shas, by) ?? 'gone-2', commits: shas.slice(-2) },
    }
  },
  (line, by) => ({ startedAt: by % 3 === 0 ? undefined : iso(timeOf(line) - (by % 7) * hour) }),
  (_, by) => ({ version: chosen(['v0', 'v1', 'v2', undefined], by) }),
  (line, by) => ({ firstCommitAt: by % 2 === 0 ? undefined : iso(timeOf(line) - (by % 50) * hour) }),
  (_, by, { services }) => ({
    workflow: anyOf(
      services.map((name) => `deploy-${name}`),
      by,
      true,
    ),
  }),
]

const ofIncidents: Correction[] = [
  (line, by) => ({
    resolvedAt: by % 4 === 0 ? undefined : iso(Date.parse(String(line['startedAt'])) + (by % 60) * hour),
  }),
  (line, by) => shifted(line, 'startedAt', by),
  (_, by, known) => {
    const deployment = chosen(deployments(known), by)
    const { id, sha, version } = deployment ?? { id: 'd1', sha: undefined, version: undefined }
    const causes = [{ deploymentId: id }, { sha }, { version }, { deploymentId: 'd900', sha }, undefined]
    return { causedBy: chosen(causes, by) }
  },
  (_, by, { services }) => ({ service: anyOf([...services, 'P1', 'P2', 'elsewhere'], by, true) }),
  (_, by, { services }) => ({
    services: chosen([undefined, services, services.slice(0, 2), services.slice(-1), ['P1', 'P2']], by),
  }),
  (_, by) => ({ environment: chosen([undefined, ...environments], by) }),
  (_, by) => ({ deployTriggered: isEither(by) }),
  (_, by) => ({ severity: chosen(['high', 'low', undefined], by) }),
]

const ofChanges: Correction[] = [
  (_, by) => ({ labels: chosen([[], ['hotfix'], ['Hotfix/db'], ['urgent']], by) }),
  (_, by) => ({ title: chosen(['Improve', 'Revert "Improve"', 'Revert "Revert "Improve""'], by) }),
  (_, by) => ({ branch: chosen(['feature/a', 'hotfix/a', undefined], by) }),
  (line, by, known) => ({ mergeSha: anyOf(shasOf(known, line['repository']), by, true) }),
  (line, by, known) => ({ headSha: anyOf(shasOf(known, line['repository']), by, true) }),
  (line, by, known) => ({
    commits: shasOf(known, line['repository'])
      .slice(by % 4, (by % 4) + (by % 3))
      .map((sha) => ({ sha, authoredAt: String(line['mergedAt']) })),
  }),
  (line, by) => shifted(line, 'mergedAt', by),
  (line) => ({ isBot: line['isBot'] !== true }),
  (line, by) => (by % 2 === 0 ? { openedAt: undefined } : shifted(line, 'openedAt', by)),
  (_, by, { repositories }) => ({ repository: chosen(repositories, by) }),
]

const ofCommits: Correction[] = [
  (line, by, known) => ({ parents: [chosen(earlierShas(line, known), by)] }),
  (line, by, known) => {
    const shas = earlierShas(line, known)
    return { parents: by % 3 === 0 ? [] : [chosen(shas, by), chosen(shas, by + 1)] }
  },
  (_, by) => ({ paths: chosen([['api/a.ts'], ['web/deep/x.ts', 'README.md'], [], undefined], by) }),
  (line, by) => ({
    change: chosen([`${String(line['repository'])}!1`, `${String(line['repository'])}!2`, undefined], by),
  }),
  (_, by) => ({ message: chosen(['Work', 'Revert "Work"', undefined], by) }),
  (line) => ({ isBot: line['isBot'] !== true }),
  (line, by) => shifted(line, 'authoredAt', by),
  (line, by) => shifted(line, 'committedAt', by),
  (_, by, { repositories }) => ({ repository: chosen(repositories, by) }),
]

const ofRuns: Correction[] = [(line, by) => shifted(line, 'startedAt', by)]

const corrections: Record<Line['kind'], readonly Correction[]> = {
  deployment: ofDeployments,
  incident: ofIncidents,
  change: ofChanges,
  commit: ofCommits,
  run: ofRuns,
  testReport: ofRuns,
}

/** The fact with one thing about it changed. */
export function corrected(line: Line, how: number, by: number, known: Known): Line {
  return patched(line, chosen(corrections[line.kind], how)!(line, by, known))
}
