import { existsSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { parseInstant } from '../../core/instant.ts'
import type { Extractor } from '../../extractors/extractor.ts'
import { sources } from '../../extractors/index.ts'
import type { Loopback, Received, Reply } from '../core/loopback.ts'
import { listen } from '../core/loopback.ts'
import type { Exchange, SourceContract } from './contract.ts'
import {
  createShelf,
  findExchange,
  quietIo,
  readExchanges,
  readExpected,
  runInto,
  sortedLines,
} from './contract.ts'

/** They read files and repositories on this machine, and have tests of their own. */
const local: ReadonlySet<string> = new Set(['git', 'file'])
const remote = sources.filter(({ kind }) => !local.has(kind))
const secret = 'tok_0123456789abcdef'

let server: Loopback | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

test.each(remote.map(({ kind }) => kind))('%s has fixtures', (kind) => {
  for (const file of ['contract.ts', 'expected.ndjson']) {
    const path = new URL(`../fixtures/${kind}/${file}`, import.meta.url)
    expect(
      existsSync(path),
      `test/fixtures/${kind}/${file} is missing; see test/extractors/contract.ts`,
    ).toBe(true)
  }
})

describe.each(remote.map((source) => [source.kind, source] as const))('the source %s', (kind, source) => {
  /** Everything that was logged or thrown, in which no secret may be. */
  const said: string[] = []

  interface Stage {
    contract: SourceContract
    exchanges: Exchange[]
    /** Names of the exchanges that were asked for; made answers have none. */
    used: Set<string>
    extractor: () => Extractor
    from: number
    now: number
  }

  /** `interfere` may answer instead; it gets how often this very request came before. */
  async function stage(
    interfere?: (request: Received, times: number) => Reply | undefined,
    touch?: (request: Received, body: unknown) => void,
  ): Promise<Stage> {
    const fixture = `../fixtures/${kind}/contract.ts`
    const { contract } = (await import(fixture)) as { contract: SourceContract }
    const exchanges = contract.answer === undefined ? readExchanges(kind) : []
    const used = new Set<string>()
    const times = new Map<string, number>()
    server = await listen((request) => {
      const key = `${request.method} ${request.path}?${request.query.toString()} ${request.body}`
      const before = times.get(key) ?? 0
      times.set(key, before + 1)
      const other = interfere?.(request, before)
      if (other !== undefined) return other
      const reply = structuredClone(contract.answer?.(request) ?? replayed(request, key))
      touch?.(request, reply.body)
      return reply
    })

    function replayed(request: Received, key: string): Reply {
      const found = findExchange(request, exchanges)
      if (found === undefined) return { status: 400, body: { message: `no exchange for ${key}` } }
      used.add(found.name)
      return found.response
    }

    const { url } = server
    const make = source.make as (name: string, settings: unknown) => Extractor
    const name = readExpected(kind)[0]?.source ?? kind
    return {
      contract,
      exchanges,
      used,
      extractor: () => make(name, source.schema.parse(contract.settings(url, secret))),
      from: parseInstant(contract.from, 'from'),
      now: parseInstant(contract.now, 'now'),
    }
  }

  async function failure(run: Promise<unknown>): Promise<Error> {
    const error = await run.then(
      () => expect.unreachable('it should have failed'),
      (thrown: unknown) => thrown as Error,
    )
    said.push(`${error.name} ${error.message} ${error.stack} ${JSON.stringify(error)}`)
    return error
  }

  test('gives the expected facts for its exchanges, and uses them all', async () => {
    const { extractor, from, now, exchanges, used, contract } = await stage()
    const io = quietIo(now)
    const shelf = createShelf()
    await runInto(shelf, extractor(), io, from)
    said.push(...io.logged, ...shelf.lines(), shelf.cursor ?? '')
    expect(shelf.lines()).toEqual(sortedLines(readExpected(kind)))
    expect(shelf.cursor).toBeDefined()
    if (contract.answer === undefined)
      expect([...used].sort()).toEqual(exchanges.map(({ name }) => name).sort())
  })

  test('says how many requests it made', async () => {
    const { extractor, from, now } = await stage()
    const one = extractor()
    await runInto(createShelf(), one, quietIo(now), from)
    expect(one.usage().requests).toBe(server?.received.length)
  })

  test('gives the same where every request is limited once, and waits as it is told', async () => {
    const limit = { status: 429, headers: { 'retry-after': '7' }, body: { message: `slow down, ${secret}` } }
    const { extractor, from, now } = await stage((_, times) => (times === 0 ? limit : undefined))
    const io = quietIo(now)
    const shelf = createShelf()
    await runInto(shelf, extractor(), io, from)
    said.push(...io.logged)
    expect(shelf.lines()).toEqual(sortedLines(readExpected(kind)))
    expect(io.waits.length).toBeGreaterThan(0)
    expect(Math.min(...io.waits)).toBeGreaterThanOrEqual(7000)
  })

  test('gives the same where every request fails once', async () => {
    const broken = { status: 502, body: '<html>bad gateway</html>' }
    const { extractor, from, now } = await stage((_, times) => (times === 0 ? broken : undefined))
    const io = quietIo(now)
    const shelf = createShelf()
    await runInto(shelf, extractor(), io, from)
    said.push(...io.logged)
    expect(shelf.lines()).toEqual(sortedLines(readExpected(kind)))
  })

  test.each<[string, Reply]>([
    ['Unavailable', { status: 503, body: { message: `down, ${secret}` } }],
    [
      'RateLimited',
      { status: 429, headers: { 'retry-after': '3600' }, body: { message: `later, ${secret}` } },
    ],
    ['Refused', { status: 401, body: { message: `unknown token ${secret}` } }],
  ])('is %s at whatever request it happens, and goes on from there in the next run', async (name, reply) => {
    const whole = sortedLines(readExpected(kind))
    const { extractor, from, now } = await stage()
    await runInto(createShelf(), extractor(), quietIo(now), from)
    const requests = server?.received.length ?? 0
    expect(requests).toBeGreaterThan(1)
    await server?.close()

    for (const broken of [0, Math.floor(requests / 2), requests - 1]) {
      let isDown = true
      let asked = 0
      const again = await stage(() => {
        asked += 1
        return isDown && asked > broken ? reply : undefined
      })
      const io = quietIo(now)
      const shelf = createShelf()
      expect((await failure(runInto(shelf, again.extractor(), io, from))).name).toBe(name)
      isDown = false
      await runInto(shelf, again.extractor(), io, from)
      said.push(...io.logged)
      expect(shelf.lines()).toEqual(whole)
      await server?.close()
    }
    server = undefined
  })

  test('stops after any page and loses nothing', async () => {
    const { extractor, from, now } = await stage()
    const whole = createShelf()
    const pages = await runInto(whole, extractor(), quietIo(now), from)
    expect(pages).toBeGreaterThan(1)
    for (let page = 1; page <= pages; page += 1) {
      const shelf = createShelf()
      await runInto(shelf, extractor(), quietIo(now), from, page)
      await runInto(shelf, extractor(), quietIo(now), from)
      expect(shelf.lines(), `after page ${page}`).toEqual(whole.lines())
    }
  })

  test('passes over a malformed row, says which, and goes on', async () => {
    const { contract } = await stage()
    await server?.close()
    const { malformed } = contract
    const { extractor, from, now } = await stage(undefined, malformed.breakRow)
    const shelf = createShelf()
    await runInto(shelf, extractor(), quietIo(now), from)
    const rest = readExpected(kind).filter(({ id }) => !malformed.missing.includes(id))
    expect(shelf.lines()).toEqual(sortedLines(rest))
    const reasons = shelf.skipped.filter(({ row }) => row === malformed.row).map(({ reason }) => reason)
    expect(reasons.length, `skipped: ${JSON.stringify(shelf.skipped)}`).toBeGreaterThan(0)
    expect(reasons[0]).toMatch(/\w/)
  })

  test('checks its token without throwing', async () => {
    const { extractor, now } = await stage(() => ({
      status: 401,
      body: { message: `unknown token ${secret}` },
    }))
    const io = quietIo(now)
    const checks = await extractor().check(io)
    said.push(...io.logged, JSON.stringify(checks))
    expect(checks.length).toBeGreaterThan(0)
    expect(checks.every(({ ok, detail }) => !ok && detail.length > 0)).toBe(true)
  })

  test('says its secret nowhere', () => {
    expect(said.length).toBeGreaterThan(5)
    expect(said.join('\n')).not.toContain(secret)
  })
})
