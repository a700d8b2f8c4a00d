import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StoredPoint } from '../../loaders/loader.ts'
import { stagesOf } from '../../loaders/stages.ts'
import { stored } from './samples.ts'

test('a removal followed by a write is one stage, a write followed by a removal two', () => {
  const removal = stored({ rev: 1, fields: null })
  const write = stored({ rev: 2 })
  const again = stored({ rev: 3, fields: null })
  expect(stagesOf([removal, write])).toEqual([{ removals: [removal], writes: [write] }])
  expect(stagesOf([write, again])).toEqual([
    { removals: [], writes: [write] },
    { removals: [again], writes: [] },
  ])
})

test('points at other instants and of other series do not begin a stage', () => {
  const points = [stored(), stored({ nanos: 1, fields: null }), stored({ series: 'm,a=b', fields: null })]
  expect(stagesOf(points)).toHaveLength(1)
})

test('what is left in the end is the same as in the given order', () => {
  const point = fc.record({
    series: fc.constantFrom('m,a=1', 'm,a=2'),
    at: fc.nat(2),
    isRemoval: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(point, { maxLength: 30 }), (given) => {
      const points = given.map(({ series, at, isRemoval }, rev) =>
        stored({ rev, series, at, fields: isRemoval ? null : `v=${rev}` }),
      )
      const staged = stagesOf(points).flatMap(({ removals, writes }) => [...removals, ...writes])
      expect(staged).toHaveLength(points.length)
      expect(resultOf(staged)).toEqual(resultOf(points))
    }),
  )
})

function resultOf(points: readonly StoredPoint[]): Record<string, string> {
  const result: Record<string, string> = {}
  for (const { series, at, fields } of points) {
    if (fields === null) delete result[`${series} ${at}`]
    else result[`${series} ${at}`] = fields
  }
  return result
}
