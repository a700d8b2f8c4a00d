import type { History } from '../reference/histories.ts'
import { chosen } from '../reference/history-world.ts'
import { patched, type Line, type ProductConfig } from './line.ts'

/** How a history is told, where the same could be told in other ways. */
export interface Arrangement {
  /** Which deployments name no service, so that the configuration says whose they are. */
  mapped: 'none' | 'some' | 'all'
  /** Services of one repository are told apart by their workflows. */
  hasWorkflows: boolean
  /** Incidents name ids that the configuration maps to services. */
  hasIncidentIds: boolean
  /** Some deployments name their service and no repository. */
  dropsRepositories: boolean
  /** Commits that a second source tells as well. */
  twins: readonly number[]
  /** Facts of which less is told first: a deployment that is running, a commit without parents. */
  early: readonly number[]
}

export interface Arranged {
  config: ProductConfig
  lines: Line[]
}

const incidentIds: Record<string, string[]> = { checkout: ['P1'], web: ['P1', 'P2'], api: ['P2'] }

export function arranged({ config, facts }: History, how: Arrangement): Arranged {
  const services = (config.services ?? []).map((service) => ({
    ...service,
    ...(how.hasWorkflows ? { workflows: [`deploy-${service.name}`] } : {}),
    ...(how.hasIncidentIds ? { incidents: incidentIds[service.name] ?? [] } : {}),
  }))
  const told = (facts as unknown as Line[]).map((line, position) => toldAs(line, position, how))
  const early = how.early.flatMap((pick) => {
    const line = chosen(told, pick)
    return line === undefined ? [] : firstTold(line)
  })
  const commits = told.filter(({ kind }) => kind === 'commit')
  const twins = how.twins.flatMap((pick) => {
    const line = chosen(commits, pick)
    return line === undefined ? [] : [twinOf(line, pick)]
  })
  // What is told first comes first; a second source may be before or behind the other.
  const [before, behind] = [twins.filter((_, at) => at % 2 === 0), twins.filter((_, at) => at % 2 === 1)]
  return { config: { ...config, services }, lines: [...early, ...before, ...told, ...behind] }
}

function toldAs(line: Line, position: number, how: Arrangement): Line {
  if (line.kind === 'incident' && how.hasIncidentIds && position % 3 > 0) {
    return patched(line, { service: incidentIds[String(line['service'])]?.[0] ?? line['service'] })
  }
  if (line.kind !== 'deployment') return line
  const isMapped = how.mapped === 'all' || (how.mapped === 'some' && position % 2 === 0)
  return patched(line, {
    ...(how.hasWorkflows ? { workflow: `deploy-${String(line['service'])}` } : {}),
    ...(isMapped ? { service: undefined } : {}),
    ...(how.dropsRepositories && !isMapped && position % 3 === 0 ? { repository: undefined } : {}),
  })
}

function firstTold(line: Line): Line[] {
  if (line.kind === 'deployment') return [patched(line, { outcome: 'running', finishedAt: undefined })]
  if (line.kind === 'commit') return [patched(line, { parents: [], paths: undefined, change: undefined })]
  if (line.kind === 'incident') return [patched(line, { resolvedAt: undefined, causedBy: undefined })]
  return line.kind === 'change' ? [patched(line, { labels: [], commits: [], mergeSha: undefined })] : []
}

/** The same commit as another source tells it: with its pull request or other paths, by another clock. */
function twinOf(line: Line, pick: number): Line {
  const variants = [
    { paths: undefined, change: `${String(line['repository'])}!1` },
    { paths: ['api/b.ts'], message: undefined },
    { isBot: true, author: 'bot' },
    // As much is told, and other things.
    { isBot: true, authoredAt: line['committedAt'], paths: ['lib/l.ts'] },
  ]
  return patched(line, { source: 'a-forge', ...variants[pick % 4] })
}
