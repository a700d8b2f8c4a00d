import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Commit, Deployment, Fact, Incident } from '../../core/fact.ts'
import { incidentScope, repositoryScope, serviceScope } from '../../store/scope.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'

let store: Store
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
})
afterEach(() => store.close())

const deployment = (id: string, more: Partial<Deployment> = {}): Deployment => ({
  kind: 'deployment',
  source: 'ci',
  id,
  service: 'checkout',
  environment: 'production',
  finishedAt: 1_000,
  outcome: 'success',
  ...more,
})
const incident = (id: string, more: Partial<Incident> = {}): Incident => ({
  kind: 'incident',
  source: 'pd',
  id,
  startedAt: 5,
  ...more,
})
const commit = (sha: string): Commit => ({
  kind: 'commit',
  source: 'git',
  id: `r@${sha}`,
  repository: 'r',
  sha,
  parents: [],
  authoredAt: 1,
  committedAt: 2,
  isBot: false,
})

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('facts', () => {
  test('the same fact again changes nothing, new content replaces it', async () => {
    expect(await store.facts.save({ facts: [deployment('1'), deployment('1')] })).toEqual({
      changed: 1,
      removed: 0,
    })
    const seq = await store.facts.lastSeq()
    expect(await store.facts.save({ facts: [deployment('1')] })).toEqual({ changed: 0, removed: 0 })
    expect(await store.facts.lastSeq()).toBe(seq)
    await store.facts.save({ facts: [deployment('1', { outcome: 'failure' })] })
    expect(await store.facts.inScope(serviceScope('checkout'), ['deployment'])).toEqual([
      deployment('1', { outcome: 'failure' }),
    ])
    expect(await store.facts.changesAfter(seq, 10)).toMatchObject([{ removed: false, fact: { id: '1' } }])
  })

  test('a removed fact is gone, is told as a change, and may come back', async () => {
    await store.facts.save({ facts: [deployment('1')] })
    const seq = await store.facts.lastSeq()
    const key = { kind: 'deployment', source: 'ci', id: '1' } as const
    expect(await store.facts.save({ facts: [], removals: [key, key] })).toEqual({ changed: 0, removed: 1 })
    expect(await store.facts.inScope(serviceScope('checkout'), ['deployment'])).toEqual([])
    expect(await store.facts.changesAfter(seq, 10)).toMatchObject([{ removed: true, fact: { id: '1' } }])
    expect(await store.facts.save({ facts: [deployment('1')] })).toEqual({ changed: 1, removed: 0 })
    expect(await collect(store.facts.all())).toHaveLength(1)
  })

  test('facts are found by repository, service and the names that incidents use', async () => {
    const several = incident('2', { services: ['a', 'b'] })
    await store.facts.save({
      facts: [
        commit('x'),
        {
          kind: 'deployment',
          source: 'ci',
          id: '1',
          repository: 'r',
          environment: 'production',
          finishedAt: 1,
          outcome: 'success',
        },
        incident('1', { service: 'a' }),
        several,
      ],
    })
    expect(await store.facts.inScope(incidentScope('a'), ['incident'])).toHaveLength(2)
    expect(await store.facts.inScope(incidentScope('b'), ['incident'])).toEqual([several])
    expect(await store.facts.inScope(repositoryScope('r'), ['commit', 'change'])).toEqual([commit('x')])
    expect(await store.facts.scopes('incident')).toEqual([incidentScope('a'), incidentScope('b')])
  })

  test('what a fact belonged to before is told when it moves', async () => {
    await store.facts.save({ facts: [deployment('1'), incident('2', { services: ['a', 'b'] })] })
    const seq = await store.facts.lastSeq()
    await store.facts.save({
      facts: [deployment('1', { service: 'other' }), incident('2', { service: 'b' })],
    })
    const left = (await store.facts.scopesLeftAfter(seq)).map(({ scope }) => scope)
    expect(left).toEqual(expect.arrayContaining([serviceScope('checkout'), incidentScope('a')]))
    expect(await store.facts.inScope(incidentScope('a'), ['incident'])).toEqual([])
  })

  test('what is not finished is known, until it is', async () => {
    const running: Fact = {
      kind: 'deployment',
      source: 'ci',
      id: '1',
      service: 's',
      environment: 'production',
      outcome: 'running',
    }
    await store.facts.save({ facts: [running, incident('1', { service: 'a' })] })
    expect(await store.facts.open('ci', 'deployment')).toEqual([running])
    expect(await store.facts.open('pd', 'incident')).toHaveLength(1)
    await store.facts.save({ facts: [deployment('1'), incident('1', { service: 'a', resolvedAt: 9 })] })
    expect(await store.facts.open('ci', 'deployment')).toEqual([])
    expect(await store.facts.open('pd', 'incident')).toEqual([])
  })

  test('a page and its cursor are stored together or not at all', async () => {
    const page = { facts: [deployment('1')], cursor: { source: 'ci', value: 'next' } }
    await expect(
      store.write(async () => {
        await store.facts.save(page)
        throw new Error('crash')
      }),
    ).rejects.toThrow('crash')
    expect((await store.meta.source('ci')).cursor).toBeNull()
    expect(await collect(store.facts.all())).toEqual([])
    await store.facts.save(page)
    expect((await store.meta.source('ci')).cursor).toBe('next')
  })

  test('what somebody else saves meanwhile is no part of a transaction that fails', async () => {
    let saved: Promise<unknown> | undefined
    const failing = store.write(async () => {
      await store.meta.set('a', '1')
      await new Promise(setImmediate)
      throw new Error('crash')
    })
    saved = store.facts.save({ facts: [deployment('1')] })
    await expect(failing).rejects.toThrow('crash')
    await saved
    expect(await store.meta.get('a')).toBeUndefined()
    expect(await collect(store.facts.all())).toHaveLength(1)
  })
})

describe('the outbox of points', () => {
  const point = (at: number, fields: string, series = 'm,service=a') => ({ series, at, nanos: 0, fields })

  test('only what changed gets a new rev, and a sink sees it in order', async () => {
    expect(await store.points.save('service:a', [point(1, 'x=1'), point(2, 'x=2')])).toBe(2)
    expect(await store.points.save('service:a', [point(1, 'x=1'), point(2, 'x=3')])).toBe(1)
    expect(await store.points.after(0, 10)).toMatchObject([
      { rev: 1, at: 1, fields: 'x=1' },
      { rev: 3, at: 2, fields: 'x=3', losses: 0 },
    ])
    await store.points.acknowledge('influx', 1, [])
    expect(await store.points.backlog('influx')).toEqual({ points: 1, rejected: 0 })
  })

  test('a point that loses a field, or comes back, replaces what a sink may have', async () => {
    await store.points.save('service:a', [point(1, 'x=1,y="a,b=c"'), point(2, 'x=1')])
    await store.points.save('service:a', [point(1, 'x=1')])
    await store.points.remove([point(2, '')])
    expect(await store.points.after(2, 10)).toMatchObject([
      { at: 1, losses: 1, fields: 'x=1' },
      { at: 2, fields: null },
    ])
    await store.points.save('service:a', [point(2, 'x=1')])
    expect((await store.points.after(4, 10))[0]).toMatchObject({ at: 2, losses: 1, fields: 'x=1' })
  })

  test("replacing all of an owner's points removes what is no more, and touches nobody else's", async () => {
    await store.points.save('service:a', [point(1, 'x=1'), point(2, 'x=2')])
    await store.points.save('service:b', [point(1, 'x=1', 'm,service=b')])
    expect(await store.points.replaceAll('service:a', [point(2, 'x=2'), point(3, 'x=3')])).toBe(2)
    const left = (await collect(store.points.all())).map(({ series, at }) => `${series} ${at}`)
    expect(left).toEqual(['m,service=a 2', 'm,service=a 3', 'm,service=b 1'])
    expect(
      await store.points.replaceAll('service:a', [point(1, 'x=1'), point(2, 'x=2'), point(3, 'x=3')]),
    ).toBe(1)
  })
})

describe('the file', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dorado-store-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('a second writer is told who has it; a reader is let in', () => {
    const path = join(folder, 's.db')
    const first = openSqlite({ path, owner: 'dorado start' })
    expect(() => openSqlite({ path })).toThrow(
      /s\.db is in use by dorado start \(process \d+\): only one process/,
    )
    openSqlite({ path, readOnly: true }).close()
    first.close()
    openSqlite({ path }).close()
  })

  test('a store of a newer version is left alone', () => {
    const path = join(folder, 's.db')
    openSqlite({ path }).close()
    const database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 99')
    database.close()
    expect(() => openSqlite({ path })).toThrow(/is of version 99, and this Dorado knows versions up to \d+/)
    openSqlite({ path: join(folder, 'other.db') }).close()
  })

  test('a file that is no store is said to be none', () => {
    const path = join(folder, 'nonsense.db')
    const database = new DatabaseSync(path)
    database.exec('CREATE TABLE facts (x)')
    database.close()
    expect(() => openSqlite({ path })).toThrow(/store .*nonsense\.db: /)
  })
})
