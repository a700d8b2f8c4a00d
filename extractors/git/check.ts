import { messageOf } from '../../core/errors.ts'
import type { Io } from '../../core/io.ts'
import type { Check } from '../extractor.ts'
import { openClone } from './clone.ts'
import { runGit } from './command.ts'
import type { Place } from './command.ts'
import type { RepositorySettings } from './settings.ts'
import { readTags } from './tags.ts'

/** Git itself, then each repository: whether it can be read, and what would be a deployment. */
export async function check(
  source: string,
  repositories: readonly RepositorySettings[],
  io: Io,
): Promise<Check[]> {
  const { signal } = io
  const checks = [await attempt('git', () => versionOf({ source, path: '.', signal }, repositories))]
  if (!checks[0]!.ok) return checks
  for (const settings of repositories) {
    const { path } = settings
    checks.push(
      await attempt(`repository ${settings.name ?? path}`, () =>
        describe({ source, path, signal }, settings),
      ),
    )
  }
  return checks
}

async function versionOf(place: Place, repositories: readonly RepositorySettings[]): Promise<string> {
  const version = (await runGit(place, ['--version'])).trim()
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number)
  if (repositories.some(({ paths }) => paths) && (major < 2 || (major === 2 && minor < 31))) {
    throw new Error(`${version} cannot tell the files of a merge; install 2.31 or newer, or leave paths out`)
  }
  return version
}

async function describe(place: Place, settings: RepositorySettings): Promise<string> {
  const clone = await openClone(place, settings)
  const branch = clone.branch ? `branch ${clone.branch.name}` : 'no commits yet'
  const shallow = clone.cut === '' ? '' : '; a shallow clone, run git fetch --unshallow for its history'
  return `${clone.name}, ${branch}, ${await deploymentsOf(place, settings)}${shallow}`
}

async function deploymentsOf(place: Place, settings: RepositorySettings): Promise<string> {
  if (settings.deployments === 'none') return 'no deployments are read'
  if (settings.deployments === 'merges') return 'every first-parent commit is a deployment'
  const { tags, all } = await readTags(place, settings)
  return `${tags.length} of ${all} tags are deployments`
}

async function attempt(name: string, ask: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await ask() }
  } catch (error) {
    return { name, ok: false, detail: messageOf(error) }
  }
}
