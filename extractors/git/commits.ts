import type { Commit } from '../../core/fact.ts'
import type { Skipped } from '../extractor.ts'
import type { Candidate } from './changes.ts'
import type { Clone } from './clone.ts'
import { hiddenParents } from './clone.ts'
import { runGit } from './command.ts'
import type { RepositoryState } from './cursor.ts'
import { commitOf } from './facts.ts'
import { detached } from './history.ts'
import type { History } from './history.ts'
import { readLog } from './log.ts'
import { readMessage } from './messages.ts'
import type { MergeMessage } from './messages.ts'

/** The commits that the refs of the last run did not reach. */
export async function addedSince(
  clone: Clone,
  tips: readonly string[],
  before: RepositoryState,
): Promise<Set<string>> {
  const input = [...tips, ...Object.values(before.tips).map((sha) => `^${sha}`)].join('\n')
  if (tips.length === 0) return new Set()
  // A ref of then may have been deleted and its objects with it.
  const output = await runGit(clone.place, ['rev-list', '--ignore-missing', '--stdin'], `${input}\n`)
  return new Set(output.split('\n'))
}

/** Every commit as a fact, also put into the history; what its message says of a change is noted. */
export async function* commitsOf(
  clone: Clone,
  tips: readonly string[],
  paths: boolean,
  history: History,
  candidates: Candidate[],
  skipped: Skipped[],
): AsyncGenerator<Commit> {
  const hidden = await hiddenParents(clone)
  for await (const entries of readLog(clone.place, tips, paths)) {
    for (const entry of entries) {
      entry.parents = hidden.get(entry.sha) ?? entry.parents
      const commit = commitOf(clone.place.source, clone.name, entry)
      if (!commit) {
        skipped.push({ row: `${clone.name}@${entry.sha}`, reason: 'its dates cannot be read' })
        continue
      }
      const index = history.add({ ...commit, author: entry.author })
      const message = readMessage(entry.subject, entry.body)
      if (message) candidates.push({ index, message: kept(message) })
      yield commit
    }
  }
}

function kept({ number, title, branch }: MergeMessage): MergeMessage {
  return { number, title: detached(title), branch: branch === undefined ? undefined : detached(branch) }
}
