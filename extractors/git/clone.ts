import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { Refused } from '../../core/errors.ts'
import type { Place } from './command.ts'
import { askGit, runGit } from './command.ts'
import type { RepositorySettings } from './settings.ts'

/** A repository that can be read: what it is called, and where its history begins and ends. */
export interface Clone {
  place: Place
  /** `owner/name`. */
  name: string
  /** Undefined in a repository without commits. */
  branch: { ref: string; name: string; sha: string } | undefined
  /** The commits at which a shallow clone was cut off. */
  boundary: string[]
  /** The same for the same boundary, empty where the history is complete. */
  cut: string
}

/** Opens a clone. Throws Refused where there is none, or where it has no such branch. */
export async function openClone(place: Place, settings: RepositorySettings): Promise<Clone> {
  const folder = resolve(
    place.path,
    (await runGit(place, ['rev-parse', '--git-common-dir'])).replace(/\n$/, ''),
  )
  const name = settings.name ?? nameFromUrl(await originOf(place)) ?? nameFromFolder(folder)
  const boundary = await boundaryIn(folder)
  const cut =
    boundary.length === 0 ? '' : createHash('sha256').update(boundary.join('\n')).digest('base64url')
  return { place, name, branch: await branchOf(place, settings.branch), boundary, cut }
}

function originOf(place: Place): Promise<string | undefined> {
  return askGit(place, ['config', '--get', 'remote.origin.url'])
}

/**
 * `owner/name` from the URL of a remote, without what a forge puts before or between; undefined for a path on
 * this machine. A user or token in the URL is not part of it.
 */
export function nameFromUrl(url: string | undefined): string | undefined {
  const match =
    /^(?:https?|ssh|git|git\+ssh):\/\/[^/]+\/(?<path>.+)$/.exec(url ?? '') ??
    /^(?:[^@/\s]+@)?[^:/\s]{2,}:(?!\/\/)(?<path>.+)$/.exec(url ?? '')
  const segments = match?.groups?.['path']
    ?.replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '_git')
  // Bitbucket Server serves clones below scm/, Azure DevOps by ssh below v3/.
  if (segments && segments.length > 2 && (segments[0] === 'scm' || segments[0] === 'v3')) segments.shift()
  if (!segments || segments.length === 0) return undefined
  return segments.map(decoded).join('/').replaceAll(/\s/g, '-')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function nameFromFolder(folder: string): string {
  const own = basename(folder) === '.git' ? dirname(folder) : folder
  return (
    basename(own)
      .replace(/\.git$/, '')
      .replaceAll(/\s/g, '-') || 'repository'
  )
}

/** The tips' ancestors that git was told to leave out; a missing file is a complete history. */
async function boundaryIn(folder: string): Promise<string[]> {
  try {
    return (await readFile(`${folder}/shallow`, 'utf8')).split('\n').filter((line) => line !== '')
  } catch {
    return []
  }
}

async function branchOf(place: Place, wanted: string | undefined): Promise<Clone['branch']> {
  for (const ref of await candidates(place, wanted)) {
    const sha = await askGit(place, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`])
    if (sha === undefined) continue
    const full = (await askGit(place, ['symbolic-ref', '--quiet', ref])) ?? ref
    return { ref: full, name: full.replace(/^refs\/(?:heads|remotes\/[^/]+)\//, ''), sha }
  }
  if (wanted === undefined) return undefined
  const heads = await runGit(place, [
    'for-each-ref',
    '--format=%(refname:short)',
    'refs/heads',
    'refs/remotes',
  ])
  const names = heads.split('\n').filter((line) => line !== '')
  const there = names.length === 0 ? 'no branches' : names.slice(0, 8).join(', ')
  throw new Refused(`${place.source}: ${place.path} has no branch ${wanted}; there are ${there}`)
}

/** Where the branch may be: a detached HEAD is that of a build, which says less than what origin has. */
async function candidates(place: Place, wanted: string | undefined): Promise<string[]> {
  if (wanted !== undefined) return [`refs/heads/${wanted}`, `refs/remotes/origin/${wanted}`]
  const head = await askGit(place, ['symbolic-ref', '--quiet', 'HEAD'])
  const origin = 'refs/remotes/origin/HEAD'
  return head === undefined ? [origin, 'HEAD'] : [head, origin]
}

/** The parents that a shallow clone's boundary really has, which git hides; by sha. */
export async function hiddenParents({ place, boundary }: Clone): Promise<Map<string, string[]>> {
  const parents = new Map<string, string[]>()
  if (boundary.length === 0) return parents
  const output = await runGit(place, ['cat-file', '--batch'], `${boundary.join('\n')}\n`)
  let from = 0
  for (const sha of boundary) {
    const start = output.indexOf(`${sha} commit `, from)
    if (start < 0) continue
    from = output.indexOf('\n\n', start)
    const header = output.slice(start, from)
    parents.set(
      sha,
      [...header.matchAll(/^parent (\w+)$/gm)].map(([, parent]) => parent!),
    )
  }
  return parents
}
