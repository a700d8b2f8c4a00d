import { z } from 'zod'
import { connector } from '../../core/connector.ts'
import type { Notifier } from '../channel.ts'
import type { AlertMessage } from '../message.ts'
import { linesOf } from './lines.ts'

/** Prints messages through `write`: what `dorado alerts test` shows. No configuration names it. */
export function consoleChannel(write: (text: string) => void) {
  return connector('console', z.strictObject({}), (name): Notifier => {
    return {
      name,
      send: (message: AlertMessage) => {
        write(`${linesOf(message).join('\n')}\n`)
        return Promise.resolve(undefined)
      },
      check: () => Promise.resolve([{ name: 'console', ok: true, detail: 'prints here' }]),
    }
  })
}
