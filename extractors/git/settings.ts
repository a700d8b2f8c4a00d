import { z } from 'zod'
import { filePath, textField } from '../../core/setting-fields.ts'

const repositoryName = z.string().regex(/^[^\s#!@]+$/, 'should be owner/name')

const wholeMatch = (examples: readonly string[]) =>
  textField((text) => new RegExp(`^(?:${text})$`, 'u'), examples)

/** What is read of a repository, and how. */
const reading = {
  /** The branch whose history is read: that of HEAD by default. */
  branch: z.string().min(1).optional(),
  /** What is a deployment: release tags, every first-parent commit of the branch, or nothing here. */
  deployments: z.enum(['tags', 'merges', 'none']).default('tags'),
  /**
   * A regular expression that has to match the whole tag; its group `service`, if it has one, names the
   * service. By default tags that look like a release.
   */
  tagPattern: wholeMatch(['v\\d+\\.\\d+\\.\\d+', '(?<service>[a-z]+)-v.+']).optional(),
  environment: z.string().min(1).default('production'),
  /** Whose deployments these are. Without it the configuration of the services says so, by repository. */
  service: z.string().min(1).optional(),
  /** A regular expression: deployments of the tags that it matches, whole, are rework. */
  hotfix: wholeMatch(['.*-hotfix\\.\\d+']).optional(),
  /** Whether the files that each commit touches are read, which takes about three times as long. */
  paths: z.boolean().default(false),
}

const repository = z.strictObject({
  path: filePath(),
  name: repositoryName.optional(),
  branch: reading.branch,
  service: reading.service,
})

/** `sources:` entry of kind `git`: one repository by `path`, or several. */
export const schema = z
  .strictObject({
    path: filePath().optional(),
    /** The repository's name, `owner/name`: from the URL of origin by default, else the folder's. */
    repository: repositoryName.optional(),
    repositories: z.array(repository).min(1).optional(),
    ...reading,
  })
  .refine((each) => (each.path === undefined) !== (each.repositories === undefined), {
    message: 'write either path or repositories',
    path: ['path'],
  })
  .refine((each) => each.repository === undefined || each.repositories === undefined, {
    message: 'goes with path; where there are several, each has a name',
    path: ['repository'],
  })

/** Everything about one repository that may be left out, and what stands for it. */
export const optionsSchema = z.strictObject({ ...reading, name: repositoryName.optional() })

export type Settings = z.output<typeof schema>
/** The same as a user writes it: regular expressions as text. */
export type RepositoryOptions = z.input<typeof optionsSchema>
export type RepositorySettings = z.output<typeof optionsSchema> & { path: string }

/** The settings of each repository of a source. */
export function repositoriesOf(settings: Settings): RepositorySettings[] {
  const { path, repository: name, repositories, ...shared } = settings
  if (path !== undefined) return [{ ...shared, path, name }]
  return (repositories ?? []).map((each) => ({
    ...shared,
    ...each,
    name: each.name,
    branch: each.branch ?? shared.branch,
    service: each.service ?? shared.service,
  }))
}

/** What decides which facts a history gives: with other settings it is read anew. */
export function fingerprintOf(settings: RepositorySettings): string {
  const { branch, deployments, tagPattern, environment, service, hotfix, paths } = settings
  return JSON.stringify([
    branch,
    deployments,
    tagPattern?.source,
    environment,
    service,
    hotfix?.source,
    paths,
  ])
}
