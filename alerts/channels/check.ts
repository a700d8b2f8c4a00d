import type { Check } from '../../core/check.ts'
import { messageOf } from '../../core/errors.ts'

/** What came of an attempt, as a line of `dorado check`. */
export async function checked(name: string, attempt: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await attempt() }
  } catch (error) {
    return { name, ok: false, detail: messageOf(error) }
  }
}

/** Of channels that tell nothing before they are sent something. */
export function unchecked(name: string): Promise<Check[]> {
  return Promise.resolve([
    {
      name,
      ok: true,
      detail: 'cannot be tried without sending: dorado alerts send-test CHANNEL sends a test message',
    },
  ])
}
