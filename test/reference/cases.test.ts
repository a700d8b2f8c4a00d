import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mismatches } from './matches.ts'
import { referenceReport, type Config, type Fact } from './reference.ts'

interface Case {
  name: string
  why: string
  config: Config
  asOf: string
  facts: Fact[]
  expect: unknown
}

const folder = new URL('../cases/', import.meta.url)
const cases = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .sort()
  .map((file): Case => JSON.parse(readFileSync(new URL(file, folder), 'utf8')))

describe('the reference gives what the hard cases expect', () => {
  it('has all of them', () => {
    expect(cases).toHaveLength(28)
  })

  it.each(cases)('$name', (one) => {
    const report = referenceReport(one.config, one.facts, one.asOf, ['7d', '30d', '90d'])
    expect(mismatches(one.expect, report), one.why).toEqual([])
  })
})

/** A report of one service that has these windows. */
function service(windows: unknown): unknown {
  return { services: [{ service: 'a', environment: 'x', windows }] }
}

describe('the matcher', () => {
  const report = {
    services: [{ service: 'a', environment: 'x', windows: { '7d': { n: 1, p50: null } } }],
    dataQuality: [{ kind: 'k', service: 'a', subject: 's', detail: 'd' }],
  }

  it('checks only what is named, numbers to a millionth', () => {
    expect(mismatches(service({ '7d': { n: 1 + 1e-7 } }), report)).toEqual([])
    expect(mismatches({ dataQuality: [{ kind: 'k', subject: 's' }] }, report)).toEqual([])
  })

  it.each([
    ['a number', service({ '7d': { n: 1.00001 } })],
    ['a null that should be a zero', service({ '7d': { p50: 0 } })],
    ['a null that should be a number', service({ '7d': { n: null } })],
    ['a missing key', service({ '7d': { open: 0 } })],
    ['a missing window', service({ '30d': { n: 1 } })],
    ['another environment', { services: [{ service: 'a', environment: 'y' }] }],
    ['another service', { services: [{ service: 'b' }] }],
    ['an entry that is not listed', { dataQuality: [{ kind: 'k', subject: 't' }] }],
  ])('finds %s', (_, expected) => {
    expect(mismatches(expected, report)).toHaveLength(1)
  })
})
