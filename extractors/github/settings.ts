import picomatch from 'picomatch'
import { z } from 'zod'

const slug = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9-]*\/([A-Za-z0-9._-]+|\*)$/,
    'should be owner/name, or owner/* for all of an owner',
  )

const repository = z
  .strictObject({
    name: slug,
    /** What says that something was rolled out: GitHub Deployments, published releases, or a workflow's runs. */
    deployments: z.enum(['deployments', 'releases', 'workflow']).default('deployments'),
    /** The workflow's file name, `deploy.yml`. */
    workflow: z.string().min(1).optional(),
    /** Where releases and workflow runs go to. */
    environment: z.string().min(1).default('production'),
    /** A glob: only releases, or runs, of these tags. */
    tags: z.string().min(1).optional(),
    /** Globs: runs of these branches instead of the default branch's. */
    branches: z.array(z.string().min(1)).min(1).optional(),
    prereleases: z.boolean().default(false),
  })
  .refine((each) => each.deployments !== 'workflow' || each.workflow !== undefined, {
    message: 'deployments: workflow needs the workflow, such as deploy.yml',
    path: ['workflow'],
  })

const app = z.strictObject({
  appId: z.union([z.string().min(1), z.number().int().positive()]),
  privateKey: z.string().min(1),
  installationId: z.coerce.number().int().positive(),
})

/** The configuration of a GitHub source. */
export const schema = z
  .strictObject({
    token: z.string().min(1).optional(),
    app: app.optional(),
    baseUrl: z.url({ protocol: /^https?$/ }).default('https://api.github.com'),
    repositories: z.array(z.union([slug.transform((name) => repository.parse({ name })), repository])).min(1),
    /** Only deployments to these: exact names, or regular expressions between slashes. All by default. */
    environments: z.array(z.string().min(1)).optional(),
    /** Whether workflow runs are read. */
    runs: z.boolean().default(true),
    /** Hours that a refresh reads again before the start of the last one. */
    overlap: z.number().positive().default(2),
    /** Days that the daily sweep reads again. */
    sweepDays: z.number().positive().default(30),
    /** Days that a rollout may take at most; older ones are asked for by id. */
    deploymentDays: z.number().positive().default(7),
    /** Days before `since` from which the first refresh reads, for baselines. */
    historyDays: z.number().positive().default(90),
    /** Commits off the default branch are looked up for at most so many deployments a refresh. */
    comparisons: z.number().int().nonnegative().default(200),
    /** Where services have paths: the files of at most so many commits are asked for one by one a refresh. */
    commitFiles: z.number().int().nonnegative().default(1000),
    /** Minutes that a refresh may spend waiting for the rate limit before it gives up. */
    maxWait: z.number().positive().default(10),
    /** Seconds for one request. */
    timeout: z.number().positive().default(30),
  })
  .refine((each) => (each.token === undefined) !== (each.app === undefined), {
    message: 'either token or app is needed, not both',
    path: ['token'],
  })

export type Settings = z.output<typeof schema>
export type RepositorySettings = Settings['repositories'][number]

/** Whether a name matches a glob; everything does where there is none. */
export function globbed(glob: string | undefined, name: string): boolean {
  return glob === undefined || picomatch.isMatch(name, glob)
}

/** Names as they are, or a regular expression between slashes that has to match the whole name. */
export function matcher(patterns: readonly string[] | undefined): (name: string) => boolean {
  if (patterns === undefined) return () => true
  const tests = patterns.map((pattern) => {
    const inner = /^\/(.*)\/$/.exec(pattern)?.[1]
    if (inner === undefined) return (name: string) => name === pattern
    const expression = new RegExp(`^(?:${inner})$`)
    return (name: string) => expression.test(name)
  })
  return (name) => tests.some((test) => test(name))
}

/** Whether a workflow run's branch or tag makes it a deployment. */
export function deploys(
  settings: RepositorySettings,
  ref: string,
  defaultBranch: string | undefined,
): boolean {
  const globs = [...(settings.branches ?? []), ...(settings.tags === undefined ? [] : [settings.tags])]
  if (globs.length > 0) return picomatch.isMatch(ref, globs)
  return ref === defaultBranch
}

/** What a stored stream was read with: with other settings it has to be read anew. */
export function modeOf(settings: RepositorySettings, environments: readonly string[] | undefined): string {
  const { deployments, workflow, environment, tags, branches, prereleases } = settings
  const rest =
    deployments === 'deployments' ? environments : [environment, tags, workflow, branches, prereleases]
  return JSON.stringify([deployments, rest])
}
