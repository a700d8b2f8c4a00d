import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

/**
 * Compares with golden/NAME.json. Where what a channel says is meant to change, write the files anew and read the
 * difference:
 *
 *     GOLDEN=write npx vitest run --project unit test/alerts/channels
 */
export function expectGolden(name: string, value: unknown): void {
  const file = join(import.meta.dirname, 'golden', `${name}.json`)
  const text = `${JSON.stringify(value, null, 2)}\n`
  if (process.env.GOLDEN === 'write') writeFileSync(file, text)
  expect(text).toBe(readFileSync(file, 'utf8'))
}
