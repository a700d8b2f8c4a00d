import type { Notifier } from '../../../alerts/channel.ts'
import type { Loopback, Received, Reply } from '../../core/loopback.ts'
import { listen } from '../../core/loopback.ts'

/** What goes wrong at the other side, in its own words. */
export type Fault = 'limited' | 'failing' | 'refusing'

/** A channel at work against a server that refuses what the real one refuses. */
export interface Rig {
  notifier: Notifier
  /** Everything that was taken, as the channel's own server reads it. */
  taken: readonly unknown[]
  /** What was found wrong with it; empty where the real one would take all. */
  complaints: readonly string[]
  close(): Promise<void>
}

export interface ChannelCase {
  name: string
  secrets: readonly string[]
  start(fault?: Fault): Promise<Rig>
  /** What is taken of a nasty name and must not be: the markup of the channel, unescaped. */
  forbidden: readonly string[]
  /** How long `limited` asks to wait; absent where the channel knows no such answer. */
  limitMs?: number
  /** In the error of `refusing`. */
  remedy: RegExp
}

export interface HttpCase extends Omit<ChannelCase, 'start'> {
  make: (url: string) => Notifier
  /** What is wrong with a request; undefined where it is right. */
  complaintOf: (request: Received) => string | undefined
  /** To a request with nothing wrong. */
  success: (request: Received) => Reply
  faults: Readonly<Record<Fault, Reply>>
}

/** A channel that speaks HTTP, with its server. */
export function httpCase({ make, complaintOf, success, faults, ...rest }: HttpCase): ChannelCase {
  return {
    ...rest,
    async start(fault) {
      const taken: unknown[] = []
      const complaints: string[] = []
      const server: Loopback = await listen((request) => {
        if (fault !== undefined) return faults[fault]
        const complaint = complaintOf(request)
        if (complaint !== undefined) {
          complaints.push(complaint)
          return faults.refusing
        }
        taken.push(JSON.parse(request.body))
        return success(request)
      })
      return { notifier: make(server.url), taken, complaints, close: () => server.close() }
    },
  }
}
