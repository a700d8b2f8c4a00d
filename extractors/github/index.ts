import { connector } from '../../core/connector.ts'
import { messageOf } from '../../core/errors.ts'
import type { Extractor, Usage } from '../extractor.ts'
import { check } from './check.ts'
import { clientFor } from './client.ts'
import { extract } from './extract.ts'
import type { Counts } from './octokit.ts'
import { schema } from './settings.ts'
import type { Settings } from './settings.ts'

/** A GitHub source: deployments, merged pull requests, commits and workflow runs of its repositories. */
export function make(name: string, settings: Settings): Extractor {
  let counts: Counts = { requests: 0, waitedMs: 0 }
  const names = settings.repositories.map((each) => each.name.toLowerCase())
  return {
    name,
    yields: settings.runs ? ['deployment', 'change', 'commit', 'run'] : ['deployment', 'change', 'commit'],
    // GitHub's names are the same in capitals and small letters.
    covers(repository) {
      const asked = repository.toLowerCase()
      return names.some((each) =>
        each.endsWith('/*') ? asked.startsWith(each.slice(0, -1)) : asked === each,
      )
    },
    async *extract(since, io) {
      const client = clientFor(name, settings, io)
      counts = client.counts
      yield* extract(name, settings, client, since, io)
    },
    async check(io) {
      try {
        const client = clientFor(name, settings, io)
        counts = client.counts
        return await check(client, settings)
      } catch (error) {
        return [{ name: 'token', ok: false, detail: messageOf(error) }]
      }
    },
    usage(): Usage {
      const { requests, remaining } = counts
      return { requests, ...(remaining !== undefined && { rateLimitRemaining: remaining }) }
    },
  }
}

export const github = connector('github', schema, make)
