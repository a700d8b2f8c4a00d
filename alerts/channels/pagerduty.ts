import { z } from 'zod'
import { connector } from '../../core/connector.ts'
import type { Io } from '../../core/io.ts'
import { secret } from '../../core/secret.ts'
import type { Notifier } from '../channel.ts'
import type { AlertMessage } from '../message.ts'
import { checked } from './check.ts'
import { pagerdutyEvents } from './pagerduty-events.ts'
import { afterAPart, post } from './post.ts'

const schema = z.strictObject({
  /** The integration key of a service or of an event orchestration: Events API v2. */
  routingKey: secret(),
  /** https://events.eu.pagerduty.com for accounts in the EU. */
  baseUrl: z.url({ protocol: /^https?$/ }).default('https://events.pagerduty.com'),
})

/** About 120 events a minute for each key. */
const eventMs = 500

/** More messages than wait at once for one channel. */
const mostUnfinished = 100

/**
 * PagerDuty, an incident for each alert. Sending an event again changes nothing, for it is known by its dedup key;
 * still, a message of many alerts goes on where a limit stopped it, or it would never end.
 */
export const pagerduty = connector('pagerduty', schema, (name, { routingKey, baseUrl }): Notifier => {
  const url = `${baseUrl.replace(/\/$/, '')}/v2/enqueue`
  const unfinished = new Map<string, number>()

  async function enqueue(event: object, io: Io): Promise<void> {
    const body = { routing_key: routingKey, ...event }
    await post({ url, body }, io, { remedyOf, secrets: [routingKey] })
  }

  async function send(message: AlertMessage, io: Io): Promise<undefined> {
    const { key } = message
    const events = pagerdutyEvents(message)
    for (let done = unfinished.get(key) ?? 0; done < events.length; done += 1) {
      if (unfinished.size >= mostUnfinished) unfinished.clear()
      unfinished.set(key, done)
      try {
        await enqueue(events[done]!, io)
      } catch (error) {
        throw done === 0 ? error : afterAPart(error)
      }
    }
    unfinished.delete(key)
    return undefined
  }

  const pauseMs = (message: AlertMessage) => message.alerts.length * eventMs

  /** An event that resolves what is not there is taken and does nothing. */
  async function tryKey(io: Io): Promise<string> {
    await enqueue({ event_action: 'resolve', dedup_key: 'dorado/check' }, io)
    return 'takes events; whether the key belongs to a service shows when it is sent one'
  }

  return { name, pauseMs, send, check: async (io) => [await checked('routing key', () => tryKey(io))] }
})

function remedyOf(status: number | undefined, text: string): string | undefined {
  if (status === 400 && !/routing/i.test(text)) return undefined
  if (status === 400 || status === 401 || status === 403) {
    return 'set routingKey to the integration key (32 characters) of an Events API v2 integration'
  }
  return 'check baseUrl'
}
