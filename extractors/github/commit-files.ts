import { messageOf, Unavailable } from '../../core/errors.ts'
import type { Change, Commit } from '../../core/fact.ts'
import type { Page, Skipped } from '../extractor.ts'
import { isRow, maybeText, member, nodesOf } from './fields.ts'
import type { Row } from './fields.ts'
import { mapped, nodesById, pageOf } from './pages.ts'
import * as queries from './queries.ts'
import { cursorOf, originOf } from './reading.ts'
import type { Reading, Repository } from './reading.ts'
import { commitFact } from './rows.ts'

const permission = 'Contents: read'
/** Commits whose files are stored together. */
const atOnce = 50
/** GitHub tells no more files of a commit: https://docs.github.com/en/rest/commits/commits#get-a-commit */
const mostFiles = 3000
/** Commits in a row that GitHub fails on until the rest is left for the next refresh. */
const patience = 3

/** Keeps the files of a merged pull request, if it tells all of them, for the commit that it became. */
export function notePullRequest(repository: Repository, row: Row, { mergeSha, commits }: Change): void {
  const files = nodesOf(row['files'])
  const info = member(row, 'files', 'pageInfo')
  // Of a renamed file only the new path is told here, and the old one is touched as well.
  const isWhole = info?.['hasNextPage'] === false && files.every((file) => file['changeType'] !== 'RENAMED')
  if (!isWhole || mergeSha === undefined) return
  const paths = files.flatMap((file) => maybeText(file, 'path') ?? [])
  repository.mergedFiles.set(mergeSha, { paths, authoredAt: commits.map((each) => each.authoredAt) })
}

/**
 * The files of the squash or merge commit of a pull request. A rebase keeps the author dates and leaves a commit for
 * each of the branch's: its last one does not touch all that the pull request does.
 */
export function pathsOf(repository: Repository, commit: Commit): string[] | undefined {
  const merged = repository.mergedFiles.get(commit.sha)
  if (!merged) return undefined
  const { paths, authoredAt } = merged
  if (commit.parents.length < 2 && authoredAt.length > 1 && authoredAt.includes(commit.authoredAt))
    return undefined
  return paths
}

/** A commit as REST tells it with all its files, those of a merge against its first parent; undefined without one. */
async function filesOf(
  reading: Reading,
  repository: Repository,
  sha: string,
): Promise<{ row: Row; paths: string[]; isCut: boolean } | undefined> {
  const about = { repository: repository.name, permission }
  const path = `/repos/${repository.name}/commits/${sha}`
  const paths = new Set<string>()
  let found: Row | undefined
  let count = 0
  let page: string | undefined
  do {
    const url = page === undefined ? path : `${path}?page=${page}`
    const answer = await reading.client.get(url, about, { mayBeGone: true })
    if (answer.state !== 'ok' || !isRow(answer.data) || answer.data['files'] === undefined) return undefined
    found ??= answer.data
    const files = nodesOf(answer.data['files'])
    count += files.length
    for (const file of files) {
      for (const name of ['filename', 'previous_filename']) {
        const told = maybeText(file, name)
        if (told !== undefined) paths.add(told)
      }
    }
    page = answer.next
  } while (page !== undefined && count < mostFiles)
  return { row: found, paths: [...paths], isCut: count >= mostFiles }
}

/** The commits with their files. REST does not say which pull request a commit came in with. */
async function factsOf(
  reading: Reading,
  repository: Repository,
  told: readonly { row: Row; paths: string[] }[],
): Promise<{ facts: Commit[]; skipped: Skipped[] }> {
  const ids = told.map(({ row }) => maybeText(row, 'node_id') ?? '')
  const about = { repository: repository.name, permission }
  const nodes = await nodesById(reading.client, queries.commitNodes, ids, about)
  const rows = told.map(({ row }, at) => nodes[at] ?? row)
  const paths = new Map(told.map((each) => [maybeText(each.row, 'sha'), each.paths]))
  const origin = originOf(reading, repository)
  return mapped(rows, repository.name, (row) => {
    const fact = commitFact(row, origin)
    return { ...fact, paths: paths.get(fact.sha) ?? [] }
  })
}

/**
 * Asks for the files of stored commits that lack them, one after the other, at most so many. Returns how many were
 * asked for; what is left over stays in the cursor for the next refresh. One that GitHub fails on is put last.
 */
export async function* readFiles(
  reading: Reading,
  repository: Repository,
  limit: number,
): AsyncGenerator<Page, number> {
  const { name, state } = repository
  const due = (state.pathless ?? []).slice(0, limit)
  let failedInARow = 0
  for (let start = 0; start < due.length; start += atOnce) {
    const told: { row: Row; paths: string[] }[] = []
    const skipped: Skipped[] = []
    const failed: string[] = []
    const chunk = due.slice(start, start + atOnce)
    for (const sha of chunk) {
      try {
        const files = await filesOf(reading, repository, sha)
        failedInARow = 0
        if (files) told.push(files)
        else skipped.push({ row: `${name}@${sha}`, reason: 'GitHub does not give its files' })
        if (files?.isCut)
          skipped.push({
            row: `${name}@${sha}`,
            reason: `only the first ${mostFiles} files that it touches are known`,
          })
      } catch (error) {
        failedInARow += 1
        if (!(error instanceof Unavailable) || failedInARow === patience) throw error
        failed.push(sha)
        skipped.push({ row: `${name}@${sha}`, reason: `its files are not known yet: ${messageOf(error)}` })
      }
    }
    const page = await factsOf(reading, repository, told)
    const asked = new Set(chunk)
    state.pathless = [...(state.pathless ?? []).filter((sha) => !asked.has(sha)), ...failed]
    yield { ...pageOf(page.facts, [...skipped, ...page.skipped]), cursor: cursorOf(reading) }
  }
  const left = state.pathless?.length ?? 0
  if (left > 0) {
    const reason = `the files of ${left} commits are not known yet (commitFiles: ${reading.settings.commitFiles})`
    yield { facts: [], skipped: [{ row: `${name} commits`, reason }] }
  } else delete state.pathless
  return due.length
}
