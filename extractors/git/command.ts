import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { Refused, Unavailable, messageOf } from '../../core/errors.ts'

/** One repository on this machine, for git commands. */
export interface Place {
  /** The name of the source, for errors. */
  source: string
  path: string
  signal: AbortSignal
}

/** Where git's caller told it to look: a hook's own repository instead of the one that is named here. */
const misleading =
  /^GIT_(?:DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_.*|NAMESPACE|PREFIX)$/

/**
 * A git process. Replaced and grafted objects are ignored: facts are those that every clone has. Nothing is
 * fetched, nothing is asked on a terminal, and messages come in English, for they are read below.
 */
function start(place: Place, args: readonly string[]): ChildProcessWithoutNullStreams {
  const inherited = Object.entries(process.env).filter(([name]) => !misleading.test(name))
  return spawn('git', ['--no-replace-objects', '-C', place.path, ...args], {
    stdio: 'pipe',
    signal: place.signal,
    env: {
      ...Object.fromEntries(inherited),
      LC_ALL: 'C',
      GIT_GRAFT_FILE: '/dev/null',
      GIT_NO_LAZY_FETCH: '1',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_TERMINAL_PROMPT: '0',
      GIT_TRACE: '0',
    },
  })
}

/**
 * The output of a git command as it comes; `input` goes to its standard input. Leaving the loop early ends the
 * process. Throws Refused where the repository cannot be read, Unavailable where git fails otherwise.
 */
export async function* streamGit(place: Place, args: readonly string[], input = ''): AsyncGenerator<string> {
  place.signal.throwIfAborted()
  const child = start(place, args)
  const ended = endOf(child)
  // A process that ends before it has read everything breaks the pipe; its exit says why.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000)
  })
  try {
    // Bytes that are no UTF-8 become U+FFFD; a character that two chunks share stays whole.
    for await (const chunk of child.stdout.setEncoding('utf8')) yield chunk as string
    const end = await ended
    place.signal.throwIfAborted()
    if (end.code !== 0) throw failure(place, args, complaint, end)
  } finally {
    child.kill()
  }
}

/** The whole output of a git command. */
export async function runGit(place: Place, args: readonly string[], input = ''): Promise<string> {
  let output = ''
  for await (const chunk of streamGit(place, args, input)) output += chunk
  return output
}

/** As runGit, without the newline at the end; undefined where git answers "no" by exit code 1. */
export async function askGit(place: Place, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await runGit(place, args)).replace(/\n$/, '')
  } catch (error) {
    if (error instanceof GitSaidNo) return undefined
    throw error
  }
}

class GitSaidNo extends Unavailable {}

interface End {
  code: number | null
  error?: Error
}

function endOf(child: ChildProcessWithoutNullStreams): Promise<End> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: null, error }))
    child.on('close', (code) => resolve({ code }))
  })
}

function failure(place: Place, args: readonly string[], complaint: string, { code, error }: End): Error {
  const { source, path } = place
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    return new Refused(`${source}: git is not installed or not in the PATH; install git 2.31 or newer`)
  }
  if (complaint.includes('not a git repository')) {
    return new Refused(`${source}: ${path} is no Git repository; \`path\` names a clone or a bare repository`)
  }
  if (complaint.includes('cannot change to')) {
    return new Refused(
      `${source}: ${path} cannot be opened; \`path\` names the folder of a clone or a bare repository`,
    )
  }
  if (complaint.includes('dubious ownership')) {
    const right = `git config --global --add safe.directory '${path}'`
    return new Refused(`${source}: ${path} belongs to another user; trust it by: ${right}`)
  }
  const reason = error === undefined ? lastFatal(complaint) : messageOf(error)
  const message = `${source}: git ${args[0]} failed in ${path}: ${reason || `exit code ${code}`}`
  return code === 1 ? new GitSaidNo(message) : new Unavailable(message)
}

function lastFatal(complaint: string): string {
  const lines = complaint.split('\n').filter((line) => line.trim() !== '')
  return (lines.findLast((line) => /^(?:fatal|error):/.test(line)) ?? lines.at(-1) ?? '').trim()
}
