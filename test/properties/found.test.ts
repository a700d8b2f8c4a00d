import { expect, test } from 'vitest'
import { holds } from './equality.ts'
import { patched, type Line, type ProductConfig } from './line.ts'
import type { Moment } from './moments.ts'

/** Lives that once ended otherwise than they should, cut down to what it takes, and some that are seldom generated. */

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

test('a midnight between two full hours ends a day once', async () => {
  const config = { since: '2026-03-01T00:00:00Z', timezone: 'Asia/Kolkata', services: [{ name: 'checkout' }] }
  // Midnight is at 18:30 UTC.
  const hours = ['17:20', '18:40', '21:20'].map((time) => Date.parse(`2026-06-10T${time}:00Z`))
  await expect(
    holds({ moments: hours.map((hour) => moment(config, [], { at: hour })) }),
  ).resolves.toBeUndefined()
})

test('a merged change that is removed is forgotten, also where nothing was ever deployed', async () => {
  const config = { since: '2026-03-01T00:00:00Z', services: [{ name: 'checkout', repository: 'acme/shop' }] }
  const change: Line = {
    kind: 'change',
    source: 'git',
    id: 'acme/shop!1',
    repository: 'acme/shop',
    number: 1,
    mergedAt: '2026-03-05T10:00:00Z',
  }
  await expect(
    holds({ moments: [moment(config, [change]), moment(config, [], { removals: [change] })] }),
  ).resolves.toBeUndefined()
})

const shop = { name: 'checkout', repository: 'acme/shop', paths: ['api/**'] }

function commit(sha: string, rest: Record<string, unknown> = {}): Line {
  const identity = { kind: 'commit' as const, source: 'git', id: `acme/shop@${sha}`, repository: 'acme/shop' }
  const times = { authoredAt: '2026-03-10T08:00:00Z', committedAt: '2026-03-10T08:30:00Z' }
  return { ...identity, sha, parents: [], ...times, paths: ['api/a.ts'], ...rest }
}

const shipped = [
  commit('a'),
  commit('b', { parents: ['a'] }),
  deployment('d1', {
    repository: 'acme/shop',
    service: 'checkout',
    sha: 'a',
    finishedAt: '2026-03-10T09:00:00Z',
  }),
  deployment('d2', { repository: 'acme/shop', service: 'checkout', sha: 'b' }),
]

test.each([
  ['with less', { paths: undefined }],
  ['with as much and other things', { authoredAt: '2026-03-10T07:00:00Z', paths: ['web/w.ts'] }],
  ['with more', { change: 'acme/shop!1' }],
])('a commit that a second source tells later, %s', async (_, other) => {
  const twin = commit('b', { parents: ['a'], source: 'a-forge', ...other })
  const moments = [moment({ services: [shop] }, shipped), moment({ services: [shop] }, [patched(twin, {})])]
  await expect(holds({ moments })).resolves.toBeUndefined()
})
