import { z } from 'zod'

/**
 * A setting that must not be shown: a text that is not empty. Its value may be given as `${VARIABLE}` or
 * `file:/path`, and is masked everywhere. The mark is lost when a check is added behind it.
 */
export function secret(): z.ZodString {
  return z
    .string()
    .min(1)
    .meta({ secret: true, examples: ['${TOKEN}'] })
}

const secretKey =
  /(?:token|password|passwd|pwd|passphrase|secret|credential|privatekey|apikey|accesskey|authorization|cookie)s?$/

/** Whether a key's value is kept from every output, whatever a schema says of it. */
export function isSecretKey(key: string): boolean {
  return secretKey.test(key.toLowerCase().replaceAll(/[_-]/g, ''))
}

export const mask = '***'

/** `text` with every secret replaced. For many texts, `createMask` once is cheaper. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  return createMask(secrets)(text)
}

/**
 * Replaces secrets, also where they are URL-encoded, escaped as in JSON, or shown one line at a time.
 * Values of fewer than four characters are left: masking them would black out every text and hide nothing.
 */
export function createMask(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.flatMap(formsOf).filter((form) => form.length >= 4))
  if (forms.size === 0) return (text) => text
  // Longest first, or the remainder of a secret that begins with another one would stay.
  const longestFirst = [...forms].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(escape).join('|'), 'g')
  return (text) => text.replaceAll(pattern, mask)
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

function formsOf(value: string): string[] {
  const trimmed = value.trim()
  const lines = trimmed.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith('-----'))
  return [value, trimmed, encodeURIComponent(trimmed), JSON.stringify(trimmed).slice(1, -1), ...lines]
}
