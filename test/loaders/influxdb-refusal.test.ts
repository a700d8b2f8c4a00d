import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeApart } from '../../loaders/influxdb-refusal.ts'
import { bodyOf, lineOf } from '../../loaders/line.ts'
import type { Refusal, Send } from '../../loaders/influxdb-refusal.ts'
import { stored } from './samples.ts'

type Say = (bad: readonly string[], lines: readonly string[]) => Refusal

const unnamed: Say = () => ({ message: 'field type conflict', numbered: [] })
const named: Say = (bad) => ({
  message: bad.map((line) => `unable to parse '${line}': invalid number`).join('\n'),
  numbered: [],
})
const firstNamed: Say = (bad) => named(bad.slice(0, 1), bad)
const counted: Say = (bad) => ({ message: `partial write: conflict dropped=${bad.length}`, numbered: [] })
const numbered: Say = (bad, lines) => ({
  message: 'partial write of line protocol occurred',
  numbered: bad.map((line) => ({ line: lines.indexOf(line) + 1, reason: 'no fields' })),
})

/** A server that keeps good lines and refuses a batch with bad ones; `keepsRest` as 1.x and 3.x do. */
function serverThat(say: Say, keepsRest: boolean): { send: Send; kept: string[]; requests: number[] } {
  const kept: string[] = []
  const requests: number[] = []
  const send: Send = async (body) => {
    const lines = body.split('\n')
    requests.push(lines.length)
    const bad = lines.filter((line) => line.includes('bad'))
    if (bad.length === 0 || keepsRest) kept.push(...lines.filter((line) => !bad.includes(line)))
    return bad.length === 0 ? 'written' : say(bad, lines)
  }
  return { send, kept, requests }
}

function pointsOf(areBad: readonly boolean[]) {
  return areBad.map((isBad, rev) => stored({ rev, at: rev, fields: isBad ? `bad="': ${rev}"` : `v=${rev}` }))
}

const limits = { lines: 100_000, bytes: 100_000_000 }

describe.each([
  ['does not say which', unnamed, false, 'field type conflict'],
  ['names every line', named, false, 'invalid number'],
  ['names one line at a time', firstNamed, true, 'invalid number'],
  ['counts', counted, true, 'partial write: conflict'],
  ['numbers the lines', numbered, true, 'no fields'],
])('a server that %s', (_, say, keepsRest, why) => {
  test('gets every good line, and every bad point is set aside with its reason', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (areBad) => {
        const points = pointsOf(areBad)
        const server = serverThat(say, keepsRest)
        const rejected = await writeApart(points, limits, server.send)
        expect(rejected.map(({ point }) => point.rev).sort((a, b) => a - b)).toEqual(
          points.filter((_point, index) => areBad[index]).map(({ rev }) => rev),
        )
        for (const { reason } of rejected) expect(reason).toBe(why)
        expect(new Set(server.kept).size).toBe(areBad.filter((isBad) => !isBad).length)
      }),
    )
  })
})

test('good lines keep their order when a batch is halved', async () => {
  const server = serverThat(unnamed, false)
  await writeApart(pointsOf([false, false, true, false, false, false]), limits, server.send)
  expect(server.kept.map((line) => /v=(\d)/.exec(line)?.[1])).toEqual(['0', '1', '3', '4', '5'])
})

test('one bad line among 5,000 is found in 27 requests at most', async () => {
  const server = serverThat(unnamed, false)
  const areBad = Array.from({ length: 5000 }, (_, index) => index === 3210)
  const rejected = await writeApart(pointsOf(areBad), limits, server.send)
  expect(rejected.map(({ point }) => point.rev)).toEqual([3210])
  expect(server.requests.length).toBeLessThanOrEqual(27)
})

test('a batch has the very lines of its points', () => {
  const points = [
    stored(),
    stored({ fields: null }),
    stored({ series: 'dora_incident,service=a', nanos: 12 }),
    stored({ series: 'dora_incident,service=a', fields: null }),
    stored({ series: 'dora_pipeline', at: 0 }),
  ]
  expect(bodyOf(points)).toBe(points.map(lineOf).join('\n'))
})

test('5,000 lines that were all dropped take one request', async () => {
  const server = serverThat(counted, true)
  const rejected = await writeApart(pointsOf(Array.from({ length: 5000 }, () => true)), limits, server.send)
  expect(rejected).toHaveLength(5000)
  expect(server.requests).toEqual([5000])
})

test('a point with an impossible instant is set aside without asking the server', async () => {
  const server = serverThat(unnamed, false)
  const impossible = stored({ at: -1 })
  expect(await writeApart([impossible, stored()], limits, server.send)).toEqual([
    { point: impossible, reason: 'the instant -1 is no whole millisecond between 1970 and 2262' },
  ])
  expect(server.requests).toEqual([1])
})

test('what the server does not answer is thrown', async () => {
  await expect(writeApart([stored()], limits, () => Promise.reject(new Error('down')))).rejects.toThrow(
    'down',
  )
})

test('a batch ends where its lines or bytes would be too many', async () => {
  const server = serverThat(unnamed, false)
  const points = pointsOf(Array.from({ length: 10 }, () => false))
  await writeApart(points, { lines: 4, bytes: 1_000_000 }, server.send)
  expect(server.requests).toEqual([4, 4, 2])
  const bytes = Buffer.byteLength(`${lineOf(points[1]!)}\n`)
  const small = serverThat(unnamed, false)
  await writeApart(points, { lines: 100, bytes: 3 * bytes }, small.send)
  expect(small.requests).toEqual([3, 3, 3, 1])
  const tiny = serverThat(unnamed, false)
  await writeApart(points, { lines: 100, bytes: 1 }, tiny.send)
  expect(tiny.kept).toHaveLength(10)
})

/** 2.x counts what it dropped for one reason, without saying which lines. */
function dropping(isBad: (line: string) => boolean, why: string) {
  const requests: number[] = []
  const kept: string[] = []
  const send: Send = async (body) => {
    const lines = body.split('\n')
    requests.push(lines.length)
    const bad = lines.filter(isBad)
    kept.push(...lines.filter((line) => !isBad(line)))
    return bad.length === 0 ? 'written' : { message: `${why} dropped=${bad.length}`, numbered: [] }
  }
  return { send, requests, kept }
}

test('what lies beyond the retention is found by its time: in some dozens of requests, however much it is', async () => {
  const bound = 2_500
  const points = Array.from({ length: 5000 }, (_, index) =>
    stored({ rev: index, at: (index * 2_719) % 5_000, fields: `v=${index}` }),
  )
  const isOld = (line: string) => Number(/ (\d*)000000$|(?<= )(\d+)$/.exec(line)?.[1] ?? 0) < bound
  const server = dropping(isOld, 'partial write: points beyond retention policy')
  const rejected = await writeApart(points, limits, server.send)
  expect(new Set(rejected.map(({ point }) => point.at < bound))).toEqual(new Set([true]))
  expect(rejected).toHaveLength(points.filter(({ at }) => at < bound).length)
  expect(server.requests.length).toBeLessThanOrEqual(30)
})

test('a conflict in a whole measurement takes three requests', async () => {
  const points = Array.from({ length: 4000 }, (_, index) =>
    stored({ rev: index, series: `${index % 2 === 0 ? 'dora_window' : 'dora_ci'},service=a`, at: index }),
  )
  const why =
    'partial write: field type conflict: input field "n" on measurement "dora_ci" is type integer, already exists as type float'
  const server = dropping((line) => line.startsWith('dora_ci'), why)
  const rejected = await writeApart(points, limits, server.send)
  expect(rejected).toHaveLength(2000)
  expect(server.requests).toEqual([4000, 2000, 2000])
})
