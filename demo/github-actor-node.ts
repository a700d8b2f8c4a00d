import { nodeId } from './github-ids.ts'
import type { Person } from './model.ts'

/** An actor: in GraphQL a bot's login lacks the `[bot]` that it has everywhere else. */
export function actorNode(person: Person, html: string): object {
  const login = person.isBot ? person.login.replace('[bot]', '') : person.login
  const url = `${html}/${login}`
  return {
    __typename: person.isBot ? 'Bot' : 'User',
    id: nodeId('U', 0, person.id),
    login,
    url,
    databaseId: person.id,
  }
}

/** A person where GitHub says user: the author of a commit. */
export function userNode({ id, login, name }: Person, html: string): object {
  return { __typename: 'User', id: nodeId('U', 0, id), login, name, url: `${html}/${login}`, databaseId: id }
}
