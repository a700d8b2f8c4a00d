import type { Commit, Deployment } from '../../core/fact.ts'
import type { Skipped } from '../extractor.ts'
import { isBot } from './bots.ts'
import type { History } from './history.ts'
import type { LogEntry } from './log.ts'
import type { RepositorySettings } from './settings.ts'
import type { Tag } from './tags.ts'

/** The fact of a commit; one of its two dates stands for the other where that cannot be read. */
export function commitOf(source: string, repository: string, entry: LogEntry): Commit | undefined {
  const committedAt = entry.committedAt ?? entry.authoredAt
  if (committedAt === undefined) return undefined
  return {
    kind: 'commit',
    source,
    id: `${repository}@${entry.sha}`,
    repository,
    sha: entry.sha,
    parents: entry.parents,
    authoredAt: entry.authoredAt ?? committedAt,
    committedAt,
    author: entry.author,
    isBot: isBot(entry.author, entry.email),
    message: entry.subject,
    ...(entry.paths && { paths: entry.paths }),
  }
}

/** The deployment that a tag stands for, or why there is none. */
export function deploymentOfTag(
  source: string,
  repository: string,
  tag: Tag,
  history: History,
  settings: RepositorySettings,
): Deployment | Skipped {
  const id = `${repository}#${tag.name}`
  if (tag.sha === undefined) return { row: id, reason: 'the tag is on no commit' }
  const index = history.indexOf(tag.sha)
  if (index === undefined || !history.isKnown(index)) {
    return { row: id, reason: `its commit ${tag.sha} cannot be read in this clone` }
  }
  const service = tag.service ?? settings.service
  return {
    kind: 'deployment',
    source,
    id,
    ...(service !== undefined && { service }),
    environment: settings.environment,
    repository,
    sha: tag.sha,
    ref: tag.name,
    version: tag.name,
    finishedAt: tag.taggedAt ?? history.committedAt(index),
    outcome: 'success',
    ...(settings.hotfix?.test(tag.name) && { isRework: true }),
  }
}

/** The deployment that a commit on the branch stands for, where every one of them is deployed. */
export function deploymentOfCommit(
  source: string,
  repository: string,
  index: number,
  branch: string,
  history: History,
  { service, environment }: RepositorySettings,
): Deployment {
  const sha = history.shas[index]!
  return {
    kind: 'deployment',
    source,
    id: `${repository}#${sha}`,
    ...(service !== undefined && { service }),
    environment,
    repository,
    sha,
    ref: branch,
    finishedAt: history.committedAt(index),
    outcome: 'success',
  }
}
