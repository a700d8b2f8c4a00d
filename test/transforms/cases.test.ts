import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { mismatches } from '../reference/matches.ts'

const folder = join(import.meta.dirname, '..', 'cases')

describe('hard cases of the definitions', () => {
  for (const file of readdirSync(folder).sort()) {
    const {
      why,
      config,
      asOf,
      facts,
      expect: expected,
    } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    test(`${file}: ${why}`, async () => {
      const { report, store } = await analyse(config, facts, asOf)
      store.close()
      expect(mismatches(expected, report)).toEqual([])
    })
  }
})
