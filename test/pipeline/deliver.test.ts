import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RateLimited, Unavailable } from '../../core/errors.ts'
import { encodeSeries } from '../../core/line-protocol.ts'
import type { Clearing, Loader, StoredPoint } from '../../loaders/loader.ts'
import { deliver, deliverRejected } from '../../pipeline/deliver.ts'
import { createDrain, deliverAll } from '../../pipeline/deliveries.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { PointToSave, Store } from '../../store/store.ts'
import { quietIo } from '../extractors/contract.ts'
import { modelSink } from '../properties/model-sink.ts'

const hourMs = 3_600_000
const start = Date.UTC(2026, 2, 10)

let store: Store
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
})
afterEach(() => store.close())

/** A sink that does with each batch what its script says. */
function scripted(name: string, batchPoints = 10) {
  const given: { points: StoredPoint[]; clearings: Clearing[] }[] = []
  const script: ((points: readonly StoredPoint[]) => StoredPoint[])[] = []
  const loader: Loader = {
    name,
    batchPoints,
    async write(points, _io, clearings = []) {
      given.push({ points: [...points], clearings: [...clearings] })
      const refused = script.shift()?.(points) ?? []
      return { rejected: refused.map((point) => ({ point, reason: 'field type conflict' })) }
    },
    check: () => Promise.resolve([]),
  }
  return { loader, given, script }
}

const down = () => {
  throw new Unavailable('the sink is down')
}

function windows(count: number, fields = 'n=1i'): PointToSave[] {
  return Array.from({ length: count }, (_, index) => ({
    series: encodeSeries('dora_window', { service: `service-${index}`, window: '7d' }),
    at: start,
    nanos: 0,
    fields,
  }))
}

describe('a delivery', () => {
  test('goes on batch by batch and says how much it gave and what is left', async () => {
    await store.points.save('a', windows(25))
    const { loader, given, script } = scripted('main')
    script.push(
      () => [],
      () => [],
      down,
    )
    expect(await deliver(store, loader, quietIo(start))).toMatchObject({
      points: 20,
      left: 5,
      error: 'the sink is down',
    })
    expect(await deliver(store, loader, quietIo(start))).toMatchObject({ points: 5, left: 0 })
    expect(given.map(({ points }) => points.length)).toEqual([10, 10, 5, 5])
    expect(await deliver(store, loader, quietIo(start))).toMatchObject({ points: 0, left: 0 })
  })

  test('stops when its time is over, and what is left is not lost', async () => {
    await store.points.save('a', windows(25))
    const { loader, script } = scripted('main')
    let now = start
    const io = { ...quietIo(start), clock: () => now }
    const slow = () => {
      now += 40_000
      return []
    }
    script.push(slow, slow, slow)
    expect(await deliver(store, loader, io, { until: start + 60_000 })).toMatchObject({ points: 20, left: 5 })
  })

  test('tells on the way how far it is', async () => {
    await store.points.save('a', windows(30))
    const { loader, script } = scripted('main')
    let now = start
    const told: string[] = []
    const log = { ...quietIo(start).log, info: (text: string) => void told.push(text) }
    const io = { ...quietIo(start), clock: () => now, log }
    const slow = () => {
      now += 10_000
      return []
    }
    script.push(slow, slow, slow)
    await deliver(store, loader, io)
    expect(told).toEqual([
      'sink main: 10 points delivered, 20 wait',
      'sink main: 20 points delivered, 10 wait',
      'sink main: 30 points delivered, 0 wait',
    ])
  })
})

describe('what was refused', () => {
  test('is sent again as it is, and stays set aside where it is refused again', async () => {
    await store.points.save('a', windows(4))
    const { loader, given, script } = scripted('main')
    script.push((points) => points.slice(0, 3))
    await deliver(store, loader, quietIo(start))
    expect(await store.points.backlog('main')).toEqual({ points: 0, rejected: 3 })

    // One of them changes meanwhile: it goes its usual way.
    await store.points.save('a', windows(1, 'n=2i'))
    await deliver(store, loader, quietIo(start))
    script.push((points) => points.slice(1))
    expect(await deliverRejected(store, loader, quietIo(start))).toMatchObject({
      points: 2,
      rejected: 1,
      left: 1,
    })
    expect(given.at(-1)?.points.map(({ series }) => series)).toEqual(
      windows(3)
        .slice(1)
        .map(({ series }) => series),
    )
    expect(await store.points.rejected('main', 10)).toMatchObject([{ series: windows(3)[2]!.series }])
    expect(await deliverRejected(store, loader, quietIo(start))).toMatchObject({ points: 1, left: 0 })
  })

  test('is kept while the sink is down', async () => {
    await store.points.save('a', windows(2))
    const { loader, script } = scripted('main')
    script.push((points) => [...points], down)
    await deliver(store, loader, quietIo(start))
    expect(await deliverRejected(store, loader, quietIo(start))).toMatchObject({
      error: 'the sink is down',
      left: 2,
    })
  })
})

describe('very many removals together', () => {
  const hour = (index: number, at: number) => ({ ...windows(index + 1)[index]!, at })
  const passing = (index: number, at: number): PointToSave => ({ ...hour(index, at), passing: true })

  test('of an hour are one clearing, with what stands there', async () => {
    const services = Array.from({ length: 150 }, (_, index) => index)
    await store.points.save('a', [
      ...services.map((index) => passing(index, start)),
      // A service in whose zone a day ends at this hour.
      hour(200, start),
    ])
    const { loader, given } = scripted('main', 5000)
    await deliver(store, loader, quietIo(start))
    await store.points.carry(
      services.map((index) => ({ series: hour(index, 0).series, from: start, to: start + hourMs })),
    )
    await deliver(store, loader, quietIo(start))
    const { clearings } = given.at(-1)!
    expect(clearings).toHaveLength(1)
    const instant = { at: start, nanos: 0 }
    expect(clearings[0]).toMatchObject({ series: 'dora_window', from: instant, to: instant })
    expect(clearings[0]?.standing.map(({ series }) => series)).toEqual([hour(200, 0).series])
  })

  test('of a series are one clearing, unless something is left between them', async () => {
    const days = Array.from({ length: 60 }, (_, day) => hour(0, start + day * 24 * hourMs))
    await store.points.save('a', days)
    const { loader, given } = scripted('main', 5000)
    await deliver(store, loader, quietIo(start))
    await store.points.remove(days.slice(0, 30))
    await deliver(store, loader, quietIo(start))
    expect(given.at(-1)?.clearings).toEqual([
      {
        series: days[0]!.series,
        from: { at: start, nanos: 0 },
        to: { at: start + 29 * 24 * hourMs, nanos: 0 },
        standing: [],
      },
    ])
    await store.points.remove(days.slice(30, 60).filter((_, index) => index !== 12))
    await deliver(store, loader, quietIo(start))
    expect(given.at(-1)?.clearings).toEqual([])
  })

  test.each([0, 1, 60, 149, 150, 151])(
    'leave a sink with what is valid, though it failed after %i points of the batch',
    async (after) => {
      const services = Array.from({ length: 150 }, (_, index) => index)
      const lasting = [200, 201].map((index) => hour(index, start))
      await store.points.save('a', [...services.map((index) => passing(index, start)), ...lasting])
      const sink = modelSink('main', true)
      await deliver(store, sink.loader, quietIo(start))
      await store.points.carry(
        services.map((index) => ({ series: hour(index, 0).series, from: start, to: start + hourMs })),
      )
      sink.fail(after)
      await deliver(store, sink.loader, quietIo(start))
      // What was removed comes back before the sink does: nothing is cleared any more.
      await store.points.save(
        'a',
        services.map((index) => passing(index, start)),
      )
      sink.fail(Infinity)
      await deliver(store, sink.loader, quietIo(start))
      expect(sink.held.size).toBe(150 + 150 + 2)
    },
  )
})

test('how a delivery went is told to the sinks that take anything at once', async () => {
  await store.points.save('a', windows(3))
  const [fine, other] = [scripted('fine'), scripted('other')]
  other.script.push(down, down)
  const deliveries = await deliverAll({ store, loaders: [fine.loader, other.loader] }, quietIo(start))
  expect(deliveries.map(({ sink, points, left }) => [sink, points, left])).toEqual([
    ['fine', 3, 0],
    ['other', 0, 3],
  ])
  const told = fine.given.at(-1)!.points
  expect(told.map(({ series, fields }) => `${series} ${fields}`)).toEqual([
    'dora_pipeline,source=fine,step=deliver duration_s=0,points=3i,rejected=0i,backlog=0i,errors=0i,lag_s=0',
    'dora_pipeline,source=other,step=deliver duration_s=0,points=0i,rejected=0i,backlog=3i,errors=1i',
  ])
})

describe('between refreshes', () => {
  test('a sink that is back is caught up, after pauses that grow while it is down', async () => {
    await store.points.save('a', windows(5))
    const { loader, script } = scripted('main')
    let now = start
    const drain = createDrain({ store, loaders: [loader] }, { ...quietIo(start), clock: () => now })
    const minutes: number[] = []
    script.push(...Array.from({ length: 6 }, () => down))
    for (let minute = 0; minute < 60; minute += 1) {
      now = start + minute * 60_000
      const [delivery] = await drain.run()
      if (delivery) minutes.push(minute)
      if (delivery?.left === 0) break
    }
    // The points that tell of it come to the backlog too.
    expect(minutes).toEqual([0, 1, 3, 7, 15, 30, 45])
    expect(await store.points.backlog('main')).toEqual({ points: 0, rejected: 0 })
    now += hourMs
    expect(await drain.run()).toEqual([])
  })

  test('a sink that asks for a pause gets it', async () => {
    await store.points.save('a', windows(5))
    const { loader, script } = scripted('main')
    let now = start
    const drain = createDrain({ store, loaders: [loader] }, { ...quietIo(start), clock: () => now })
    script.push(() => {
      throw new RateLimited('slow down', 600_000)
    })
    await drain.run()
    now = start + 599_000
    expect(await drain.run()).toEqual([])
    now = start + 600_000
    expect(await drain.run()).toMatchObject([{ left: 0 }])
  })

  test('what a refresh could not deliver is known at once', async () => {
    await store.points.save('a', windows(5))
    const { loader } = scripted('main')
    const drain = createDrain({ store, loaders: [loader] }, quietIo(start))
    drain.note([{ sink: 'main', points: 0, rejected: 0, left: 5, durationMs: 0, error: 'is down' }])
    expect(await drain.run()).toEqual([])
  })
})
