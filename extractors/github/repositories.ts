import { Refused } from '../../core/errors.ts'
import type { Client } from './client.ts'
import { maybeText } from './fields.ts'
import { slices } from './pages.ts'
import * as queries from './queries.ts'
import type { RepositorySettings, Settings } from './settings.ts'

/** Names of all the repositories of an owner that the token sees. */
async function namesOf(client: Client, owner: string): Promise<string[]> {
  const about = { repository: `${owner}/*`, permission: 'Metadata: read' }
  const path = ['repositoryOwner', 'repositories']
  const query = { document: queries.repositories, variables: { owner }, path, first: 100 }
  const names: string[] = []
  for await (const { rows } of slices(client, query, about))
    for (const row of rows) {
      const name = maybeText(row, 'nameWithOwner')
      if (name !== undefined) names.push(name)
    }
  // A source that sees nothing is a failed one, not an empty one.
  if (names.length === 0)
    throw new Refused(`${owner}/*: no repository of ${owner} is visible to this token`, 404)
  return names
}

/**
 * The repositories to read: those that are named, and those of `owner/*`. What is named itself keeps its own
 * settings. `failed` gets the error of an owner that could not be listed.
 */
export async function listRepositories(
  client: Client,
  settings: Settings,
  failed: (error: unknown) => void,
): Promise<RepositorySettings[]> {
  const found = new Map<string, RepositorySettings>()
  for (const each of settings.repositories)
    if (!each.name.endsWith('/*')) found.set(each.name.toLowerCase(), each)
  for (const each of settings.repositories) {
    if (!each.name.endsWith('/*')) continue
    try {
      for (const name of await namesOf(client, each.name.slice(0, -2)))
        if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), { ...each, name })
    } catch (error) {
      failed(error)
    }
  }
  return [...found.values()]
}
