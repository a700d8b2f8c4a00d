import { Refused, messageOf } from '../../core/errors.ts'
import type { Io } from '../../core/io.ts'
import type { Check, Usage } from '../extractor.ts'
import { createClient } from './client.ts'
import { isObject } from './incident.ts'
import type { Settings } from './settings.ts'

/** What a run will ask for, each once: incidents, the account's log, and every configured service. */
export async function check(name: string, settings: Settings, io: Io, usage: Usage): Promise<Check[]> {
  const client = createClient(name, settings, io, usage)

  const checks = [
    await attempt('incidents', async () => {
      await client.get('/incidents', { date_range: 'all', limit: 1, offset: 0 })
      return 'the token may read them'
    }),
    await attempt('log entries', async () => {
      await client.get('/log_entries', { is_overview: true, limit: 1, offset: 0 })
      return 'the token may read them'
    }),
  ]
  for (const id of settings.services) {
    checks.push(
      await attempt(`service ${id}`, async () => {
        const body = await client.find(`/services/${encodeURIComponent(id)}`)
        if (body === undefined)
          throw new Refused(`${name}: no service ${id}; its id is in its page's address, as P1ABC23`)
        const { service } = body
        return isObject(service) && typeof service['summary'] === 'string' ? service['summary'] : 'found'
      }),
    )
  }
  return checks
}

async function attempt(what: string, ask: () => Promise<string>): Promise<Check> {
  try {
    return { name: what, ok: true, detail: await ask() }
  } catch (error) {
    return { name: what, ok: false, detail: messageOf(error) }
  }
}
