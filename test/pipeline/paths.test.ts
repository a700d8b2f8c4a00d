import { expect, test } from 'vitest'
import type { Extractor, Since } from '../../extractors/extractor.ts'
import { refresh } from '../../pipeline/refresh.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { optionsOf } from '../analyse.ts'
import { quietIo } from '../extractors/contract.ts'

const asOf = Date.UTC(2026, 2, 2, 12)

test('a source is told which repositories have a service that counts only some paths', async () => {
  let told: Since | undefined
  const extractor: Extractor = {
    name: 'seen',
    yields: ['commit'],
    // oxlint-disable-next-line require-yield
    async *extract(since) {
      told = since
    },
    check: () => Promise.resolve([]),
    usage: () => ({ requests: 0 }),
  }
  const services = [
    { name: 'api', repository: 'acme/mono', paths: ['api/**'] },
    { name: 'all', repository: 'acme/mono' },
    { name: 'web', repository: 'acme/web' },
    { name: 'acme/named-as-its-repository', paths: ['src/**'] },
  ]
  const { observed: _, ...derivation } = optionsOf({ services }, asOf)
  const store = openSqlite({ path: ':memory:' })
  await refresh({ store, extractors: [extractor], loaders: [], derivation }, quietIo(asOf))
  store.close()
  const names = ['acme/mono', 'acme/web', 'acme/named-as-its-repository', 'acme/unnamed']
  expect(names.map((name) => told?.wantsPaths?.(name))).toEqual([true, false, true, false])
})
