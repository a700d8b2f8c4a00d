import { expect, test } from 'vitest'
import { placedAnew } from '../../loaders/places.ts'
import { stored } from './samples.ts'

const event = (more: object) =>
  stored({ series: 'dora_incident,service=a,source=p', nanos: 999_998, ...more })
const places = (points: ReturnType<typeof placedAnew>) => points.map(({ nanos, fields }) => [nanos, fields])

test('an event that lost a field is written a nanosecond later each time, and removed from where it was', () => {
  expect(places(placedAnew([event({ losses: 0 })]))).toEqual([[999_998, 'n=1i']])
  expect(places(placedAnew([event({ fields: null, losses: 0 }), event({ losses: 1 })]))).toEqual([
    [999_998, null],
    [999_999, 'n=1i'],
  ])
  expect(places(placedAnew([event({ fields: null, losses: 1 }), event({ losses: 2 })]))).toEqual([
    [999_998, null],
    [999_999, null],
    [0, 'n=1i'],
  ])
})

test('a removed event is removed from every place where it has been', () => {
  expect(places(placedAnew([event({ fields: null, losses: 2 })]))).toEqual([
    [999_998, null],
    [999_999, null],
    [0, null],
  ])
})

test('windows stay where they are', () => {
  expect(places(placedAnew([stored({ fields: null, losses: 1 }), stored({ losses: 2 })]))).toEqual([
    [0, null],
    [0, 'n=1i'],
  ])
})
