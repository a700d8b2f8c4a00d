import type { Place } from './command.ts'
import { streamGit } from './command.ts'

/** One commit as git told it. Instants are epoch ms, undefined where git cannot read the date. */
export interface LogEntry {
  sha: string
  parents: string[]
  authoredAt: number | undefined
  committedAt: number | undefined
  author: string
  email: string
  /** The first paragraph of the message in one line. */
  subject: string
  body: string
  /** The files it touches, of a merge against its first parent; undefined where not asked for. */
  paths: string[] | undefined
}

/** Nothing but paths may stand between two empty fields, and no path is empty: so an empty field begins a commit. */
const format = '--format=%x00%H%x00%P%x00%at%x00%ct%x00%an%x00%ae%x00%s%x00%b'
const fieldCount = 9

/**
 * Every commit reachable from `tips` by one git process, in no particular order. User settings that would change
 * the output are overruled.
 */
export async function* readLog(
  place: Place,
  tips: readonly string[],
  paths: boolean,
): AsyncGenerator<LogEntry[]> {
  // Without a revision git would take HEAD.
  if (tips.length === 0) return
  const overruled = [
    '-c',
    'log.showSignature=false',
    '-c',
    'log.showRoot=true',
    '-c',
    'diff.orderFile=/dev/null',
  ]
  const plain = ['-z', '--encoding=UTF-8', '--no-color', '--no-notes', '--no-decorate', format]
  const files = ['--name-only', '--no-renames', '--no-relative', '--diff-merges=first-parent']
  const shown = paths ? [...files, '--ignore-submodules=none'] : ['--no-patch']
  const args = [...overruled, 'log', ...plain, ...shown, '--ignore-missing', '--stdin']
  let rest = ''
  let fields: string[] = []
  for await (const chunk of streamGit(place, args, `${tips.join('\n')}\n`)) {
    const parts = (rest + chunk).split('\0')
    rest = parts.pop()!
    for (const part of parts) fields.push(part)
    const { entries, used } = entriesOf(fields, paths, false)
    fields = fields.slice(used)
    if (entries.length > 0) yield entries
  }
  const { entries } = entriesOf(fields, paths, true)
  if (entries.length > 0) yield entries
}

/** The complete commits among the fields, and how many fields they take. */
function entriesOf(
  fields: readonly string[],
  paths: boolean,
  isEnd: boolean,
): { entries: LogEntry[]; used: number } {
  const entries: LogEntry[] = []
  let used = 0
  while (used + fieldCount <= fields.length) {
    let end = used + fieldCount
    if (paths) {
      while (end < fields.length && fields[end] !== '') end += 1
      if (end === fields.length && !isEnd) break
    }
    entries.push(entryOf(fields, used, paths ? fields.slice(used + fieldCount, end) : undefined))
    used = end
  }
  return { entries, used }
}

function entryOf(fields: readonly string[], start: number, paths: string[] | undefined): LogEntry {
  // Git puts a newline between the message and the first path.
  if (paths?.[0] !== undefined) paths[0] = paths[0].replace(/^\n/, '')
  const parents = fields[start + 2]!
  return {
    sha: fields[start + 1]!,
    parents: parents === '' ? [] : parents.split(' '),
    authoredAt: instantOf(fields[start + 3]!),
    committedAt: instantOf(fields[start + 4]!),
    author: fields[start + 5]!,
    email: fields[start + 6]!,
    subject: fields[start + 7]!,
    body: fields[start + 8]!,
    paths,
  }
}

/** Seconds since the epoch as git writes them; what no calendar holds is no date. */
export function instantOf(seconds: string): number | undefined {
  const at = Number(seconds) * 1000
  return seconds !== '' && Math.abs(at) <= 8.64e15 ? at : undefined
}
