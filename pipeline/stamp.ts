import { createHash } from 'node:crypto'
import { derivationVersion } from './kept-state.ts'

/** Changes with the value, and with the version of the derivation. */
export function stampOf(value: unknown): string {
  return createHash('sha256')
    .update(`${derivationVersion} ${JSON.stringify(value)}`)
    .digest('base64url')
}
