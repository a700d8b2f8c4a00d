import { messageOf } from '../../core/errors.ts'
import type { Check } from '../extractor.ts'
import type { Client } from './client.ts'
import type { About } from './failures.ts'
import { listRepositories } from './repositories.ts'
import type { RepositorySettings, Settings } from './settings.ts'

/** What is read of a repository, and the permission that each needs. */
function resourcesOf(
  settings: Settings,
  repository: RepositorySettings,
): [path: string, permission: string][] {
  const { deployments, workflow } = repository
  const resources: [string, string][] = [
    ['', 'Metadata: read'],
    ['/commits?per_page=1', 'Contents: read'],
    ['/pulls?state=closed&per_page=1', 'Pull requests: read'],
  ]
  if (deployments === 'deployments') resources.push(['/deployments?per_page=1', 'Deployments: read'])
  if (deployments === 'releases') resources.push(['/releases?per_page=1', 'Contents: read'])
  if (settings.runs) resources.push(['/actions/runs?per_page=1', 'Actions: read'])
  if (deployments === 'workflow' && workflow !== undefined)
    resources.push([
      `/actions/workflows/${encodeURIComponent(workflow.replace(/^.*\//, ''))}`,
      'Actions: read',
    ])
  return resources
}

async function repositoryCheck(
  client: Client,
  settings: Settings,
  repository: RepositorySettings,
): Promise<Check> {
  const name = `repository ${repository.name}`
  const permissions = new Set<string>()
  for (const [path, permission] of resourcesOf(settings, repository)) {
    try {
      const about = { repository: repository.name, permission }
      const answer = await client.get(`/repos/${repository.name}${path}`, about, { mayBeGone: path !== '' })
      if (answer.state === 'gone')
        return {
          name,
          ok: false,
          detail: `${path.replace(/\?.*$/, '')} does not exist or needs ${permission}`,
        }
      permissions.add(permission)
    } catch (error) {
      return { name, ok: false, detail: messageOf(error) }
    }
  }
  return { name, ok: true, detail: `readable: ${[...permissions].join(', ')}` }
}

/** The token first, then every repository with each permission that it needs. */
export async function check(client: Client, settings: Settings): Promise<Check[]> {
  const about: About = {}
  try {
    // Does not count against the limit. A server without limits has no such page and answers 404.
    await client.get('/rate_limit', about, { mayBeGone: true })
  } catch (error) {
    return [{ name: 'token', ok: false, detail: messageOf(error) }]
  }
  const checks: Check[] = [{ name: 'token', ok: true, detail: `accepted by ${settings.baseUrl}` }]
  const failed = (error: unknown): void => {
    checks.push({ name: 'repositories', ok: false, detail: messageOf(error) })
  }
  for (const repository of await listRepositories(client, settings, failed))
    checks.push(await repositoryCheck(client, settings, repository))
  return checks
}
