import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A repository that tests write to. Each commit is made one hour after the one before. */
export interface Scratch {
  path: string
  git(...args: string[]): string
  /** An own file for every commit, so that merges never conflict; returns the sha. */
  commit(message: string, more?: { file?: string; author?: string; authoredAt?: string; at?: string }): string
  /** Merges with a merge commit into what is checked out; returns its sha. */
  merge(branch: string, message: string): string
  /** Annotated where a time is given. */
  tag(name: string, at?: string): void
  sha(revision: string): string
}

export const firstHour = Date.parse('2026-03-02T00:00:00Z')
const hourMs = 3_600_000

export function createScratch(path: string): Scratch {
  mkdirSync(path, { recursive: true })
  let commits = 0

  function run(args: string[], environment: Record<string, string> = {}): string {
    const env = {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
      GIT_AUTHOR_NAME: 'dev-1',
      GIT_AUTHOR_EMAIL: 'dev-1@example.com',
      GIT_COMMITTER_NAME: 'dev-1',
      GIT_COMMITTER_EMAIL: 'dev-1@example.com',
      ...environment,
    }
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe']
    return execFileSync('git', ['-C', path, ...args], { env, stdio, encoding: 'utf8' }).trimEnd()
  }

  function times(at?: string, authoredAt?: string): Record<string, string> {
    commits += 1
    const next = at ?? `${(firstHour + commits * hourMs) / 1000} +0000`
    return { GIT_AUTHOR_DATE: authoredAt ?? next, GIT_COMMITTER_DATE: next }
  }

  run(['init', '--quiet', '--initial-branch=main'])
  return {
    path,
    git: (...args) => run(args),
    commit(message, { file, author = 'dev-1', authoredAt, at } = {}) {
      const environment = times(at, authoredAt)
      const name = file ?? `file-${commits}.txt`
      writeFileSync(join(path, name), `${commits}\n`)
      run(['add', '--', name])
      run(['commit', '--quiet', '-m', message], { ...environment, GIT_AUTHOR_NAME: author })
      return run(['rev-parse', 'HEAD'])
    },
    merge(branch, message) {
      run(['merge', '--quiet', '--no-ff', '-m', message, branch], times())
      return run(['rev-parse', 'HEAD'])
    },
    tag(name, at) {
      if (at === undefined) run(['tag', name])
      else run(['tag', '-a', '-m', name, name], { GIT_COMMITTER_DATE: at })
    },
    sha: (revision) => run(['rev-parse', `${revision}^{commit}`]),
  }
}
