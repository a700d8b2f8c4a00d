import { connector } from '../../core/connector.ts'
import { ConfigError, messageOf, Refused, Unavailable } from '../../core/errors.ts'
import type { Io } from '../../core/io.ts'
import type { Extractor, Page, Since } from '../extractor.ts'
import { check } from './check.ts'
import { openClone } from './clone.ts'
import { formatCursor, readCursor } from './cursor.ts'
import { readClone } from './read.ts'
import { optionsSchema, repositoriesOf, schema } from './settings.ts'
import type { RepositoryOptions, RepositorySettings, Settings } from './settings.ts'

export { isReleaseTag } from './tag-pattern.ts'
export type { RepositoryOptions } from './settings.ts'

/** A source of local clones or bare repositories: commits, merged changes, and tags as deployments. */
export function make(name: string, settings: Settings): Extractor {
  const repositories = repositoriesOf(settings)
  const names = repositories.map((each) => each.name)
  return {
    name,
    yields: settings.deployments === 'none' ? ['commit', 'change'] : ['commit', 'change', 'deployment'],
    // What a clone without a name in the configuration is called, only its origin says.
    ...(!names.includes(undefined) && { covers: (repository: string) => names.includes(repository) }),
    extract: (since, io) => extract(name, repositories, since, io),
    check: (io) => check(name, repositories, io),
    usage: () => ({ requests: 0 }),
  }
}

export const git = connector('git', schema, make)

/** One repository after the other; one that cannot be read fails the run when the others have been. */
async function* extract(
  source: string,
  repositories: readonly RepositorySettings[],
  since: Pick<Since, 'cursor' | 'stored'>,
  io: Io,
): AsyncGenerator<Page> {
  const states = readCursor(since.cursor)
  const paths = new Map<string, string>()
  const failures: unknown[] = []
  for (const settings of repositories) {
    const { path } = settings
    try {
      const clone = await openClone({ source, path, signal: io.signal }, settings)
      const other = paths.get(clone.name)
      if (other !== undefined) {
        throw new ConfigError(
          `${source}: ${path} and ${other} are both ${clone.name}; give each its own name`,
        )
      }
      paths.set(clone.name, path)
      const pages = readClone(clone, settings, states[clone.name], since)
      let next = await pages.next()
      let last: Page | undefined
      for (; !next.done; next = await pages.next()) {
        if (last) yield last
        last = next.value
      }
      states[clone.name] = next.value
      // Only with the last page is everything stored that the state speaks of.
      if (last) yield { ...last, cursor: formatCursor(states) }
    } catch (error) {
      io.signal.throwIfAborted()
      failures.push(error)
    }
  }
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) {
    const message = failures.map(messageOf).join('; ')
    throw failures.every((each) => each instanceof Refused) ? new Refused(message) : new Unavailable(message)
  }
}

/**
 * All facts of one clone at once, without a configuration: the source is `git`, and the service is called as the
 * repository unless the options name one. Throws ConfigError for a wrong option, Refused for no repository.
 */
export async function* readRepository(
  path: string,
  options: RepositoryOptions,
  io: Io,
): AsyncGenerator<Page> {
  const parsed = optionsSchema.safeParse(options)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new ConfigError(`${issue?.path.join('.')}: ${issue?.message}`)
  }
  const settings = { ...parsed.data, path }
  const clone = await openClone({ source: 'git', path, signal: io.signal }, settings)
  const service = settings.service ?? clone.name.split('/').at(-1)
  yield* readClone(clone, { ...settings, service }, undefined, { stored: () => Promise.resolve([]) })
}
