import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrations } from '../../store/schema.ts'
import { openSqlite } from '../../store/sqlite.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorado-alerts-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** As the first version with alerts left it: a group that was told of, and two messages that wait. */
function olderStore(): string {
  const path = join(folder, 'dorado.db')
  const database = new DatabaseSync(path)
  const before = migrations.findIndex((text) => text.includes('CREATE TABLE notifications')) + 1
  for (const migration of migrations.slice(0, before)) database.exec(migration)
  database.exec(`PRAGMA user_version = ${before}`)
  database.exec("INSERT INTO alert_groups (id, body, over) VALUES ('g', '{}', 0)")
  const add = database.prepare(`
    INSERT INTO notifications (channel, group_id, message_key, body, state, tries, created_at, due_at, leased_until)
    VALUES ('chat', ?, ?, ?, 'waiting', 0, 1, 1, 0)`)
  add.run('g', 'k1', '"first"')
  add.run('g', 'k2', '"second"')
  database.close()
  return path
}

test('messages of an older store keep their order, and what was told then is not known', async () => {
  const store = openSqlite({ path: olderStore() })
  const first = await store.alerts.claim('chat', 10, 20)
  expect(first).toMatchObject({ body: '"first"', groupId: 'g' })
  expect(await store.alerts.claim('chat', 10, 20)).toBeUndefined()
  expect(await store.alerts.group('g')).toMatchObject({ taken: null, unsure: [], waiting: [{}, {}] })
  await store.alerts.sent(first!.id, undefined, 11, 0)
  expect(await store.alerts.group('g')).toMatchObject({ taken: '"first"', waiting: [{}] })
  expect(await store.alerts.claim('chat', 10, 20)).toMatchObject({ body: '"second"' })
  expect(await store.alerts.groups()).toMatchObject([{ key: 'g' }])
  store.close()
})

test('nothing of a collapse stays where its transaction fails', async () => {
  const store = openSqlite({ path: olderStore() })
  const failing = store.write(async () => {
    const { waiting } = await store.alerts.group('g')
    await store.alerts.collapse({
      dropped: [waiting[0]!.id],
      kept: { id: waiting[1]!.id, body: '"both"', leasedUntil: 20, failedSince: undefined },
      history: { at: 5, body: '{}' },
    })
    throw new Error('the disk is full')
  })
  await expect(failing).rejects.toThrow('the disk is full')
  const { waiting } = await store.alerts.group('g')
  expect(waiting.map(({ body }) => body)).toEqual(['"first"', '"second"'])
  expect(await store.alerts.history(0)).toEqual([])
  store.close()
})

test('what was not taken by an older version counts from its next failure', async () => {
  const store = openSqlite({ path: olderStore() })
  const first = await store.alerts.claim('chat', 10, 20)
  expect(first).toMatchObject({ failedSince: undefined })
  const failure = { error: 'no', isUnsure: false }
  await store.alerts.postpone(first!.id, 30, { at: 12, ...failure })
  await store.alerts.postpone((await store.alerts.claim('chat', 30, 40))!.id, 50, { at: 31, ...failure })
  expect(await store.alerts.claim('chat', 50, 60)).toMatchObject({ failedSince: 12 })
  store.close()
})

test('what was given up is kept as long as what was sent: the last ten thousand', async () => {
  const path = olderStore()
  const store = openSqlite({ path })
  const failure = { at: 10, error: 'no such channel', isUnsure: false }
  await store.alerts.giveUp((await store.alerts.claim('chat', 10, 20))!.id, failure)
  const much = { instances: [], gone: [], groups: [], history: [] }
  const message = { channel: 'chat', queue: 'other', groupId: 'other', body: '"third"' }
  const messages = Array.from({ length: 10_000 }, (_, index) => ({ ...message, key: `${index}` }))
  await store.alerts.commit(1, { ...much, messages }, 10)
  await store.alerts.giveUp((await store.alerts.claim('chat', 10, 20))!.id, failure)
  expect(await store.alerts.outbox()).toMatchObject([{ givenUp: 2, waiting: 10_000 }])
  await store.alerts.giveUp(10_002, failure)
  expect(await store.alerts.outbox()).toMatchObject([{ givenUp: 2, waiting: 9_999 }])
  expect((await store.alerts.channels())[0]).toMatchObject({ lost: 3 })
  store.close()
})

test('what an evaluation leaves for the next is written with it, or not at all', async () => {
  const store = openSqlite({ path: ':memory:' })
  const change = { instances: [], gone: [], groups: [], history: [], messages: [] }
  expect(await store.alerts.seen()).toBeUndefined()
  await store.alerts.commit(10, { ...change, seen: 'first' }, 10)
  // That slot was evaluated; and what is of no evaluation has seen nothing.
  expect(await store.alerts.commit(10, { ...change, seen: 'again' }, 11)).toBe(false)
  await store.alerts.commit(undefined, change, 12)
  expect(await store.alerts.seen()).toBe('first')
  const failing = store.write(async () => {
    await store.alerts.commit(20, { ...change, seen: 'second' }, 20)
    throw new Error('the disk is full')
  })
  await expect(failing).rejects.toThrow('the disk is full')
  expect(await store.alerts.seen()).toBe('first')
  expect(await store.alerts.lastSlot()).toBe(10)
  store.close()
})
