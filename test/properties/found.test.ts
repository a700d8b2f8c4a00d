import { expect, test } from 'vitest'
import { holds } from './equality.ts'
import type { Line, ProductConfig } from './line.ts'
import type { Moment } from './moments.ts'

/** Lives that once ended otherwise than they should, cut down to what it takes. */

const at = Date.parse('2026-03-10T12:00:00Z')

function deployment(id: string, rest: Record<string, unknown> = {}): Line {
  const finished = { finishedAt: '2026-03-10T10:00:00Z', outcome: 'success' }
  return { kind: 'deployment', source: 'ci', id, environment: 'production', ...finished, ...rest }
}

function moment(config: ProductConfig, facts: Line[], rest: Partial<Moment> = {}): Moment {
  return { at, config, facts, removals: [], isNewProcess: false, diesAfter: null, lags: [], ...rest }
}

test('a service that only one deployment named is no more when that is removed', async () => {
  const config = { since: '2026-03-01T00:00:00Z', services: [{ name: 'checkout' }] }
  const pushed = deployment('d1', { service: 'ghost' })
  await expect(
    holds({ moments: [moment(config, [pushed]), moment(config, [], { removals: [pushed] })] }),
  ).resolves.toBeUndefined()
})

test('a service that only one deployment named is no more when that is another’s', async () => {
  const config = { since: '2026-03-01T00:00:00Z', services: [{ name: 'checkout' }] }
  const [before, after] = ['ghost', 'checkout'].map((service) => deployment('d1', { service }))
  await expect(
    holds({ moments: [moment(config, [before!]), moment(config, [after!])] }),
  ).resolves.toBeUndefined()
})
