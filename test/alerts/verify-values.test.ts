import { expect, test } from 'vitest'
import { metricOf } from '../../alerts/metrics.ts'
import { readCells, readCounts } from '../../alerts/verify-values.ts'

const rate = (text: string) => readCells(text, metricOf('changeFailRate'), 30)
const lead = (text: string) => readCells(text, metricOf('leadTime'), 30)
const pace = (text: string) => readCells(text, metricOf('deploymentFrequency'), 7)

test('a fraction is a rate with what it is made of, and its step changes the upper number', () => {
  expect(rate('1/4 2/4+1x3')).toEqual([
    { value: 0.25, count: 1, n: 4 },
    { value: 0.5, count: 2, n: 4 },
    { value: 0.75, count: 3, n: 4 },
    { value: 1, count: 4, n: 4 },
  ])
  expect(rate('0/0')).toEqual([{ value: NaN, count: 0, n: 0 }])
  expect(rate('12%')).toEqual([{ value: 0.12 }])
})

test('a quantity is written as in a rule, with a step of its unit', () => {
  expect(lead('10h+30mx3 2d _ heldx2').map((cell) => (typeof cell === 'object' ? cell.value : cell))).toEqual(
    [36_000, 37_800, 39_600, 172_800, undefined, 'held', 'held'],
  )
  expect(lead('3h-1hx3')).toEqual([{ value: 10_800 }, { value: 7200 }, { value: 3600 }])
})

test('a frequency is deployments in the window, or so many in a time', () => {
  expect(pace('14 21-7x2 1/day')).toEqual([
    { value: 2, count: 14 },
    { value: 3, count: 21 },
    { value: 2, count: 14 },
    { value: 1, count: 7 },
  ])
  expect(readCells('3 4', metricOf('deployments'), 7)).toEqual([
    { value: 3, count: 3 },
    { value: 4, count: 4 },
  ])
})

test('what a value is made of is a series of whole numbers', () => {
  expect(readCounts('20x2 _ 5')).toEqual([20, 20, undefined, 5])
})

test.each([
  [() => rate('5/4'), '5/4: 5 of 4 is no share'],
  [() => rate('3/4+1x3'), '3/4: 5 of 4 is no share'],
  [() => rate('2d'), '2d is no rate; write 15%'],
  [() => rate('1/4+1'), '1/4+1: a step needs a number of values, such as 1/4+1x5'],
  [() => rate('1/4x0'), '1/4x0: write how often, from 1 to 100000'],
  [() => rate('_+1x3'), '_ has no step'],
  [() => lead('1h-1hx3'), '1h: falls below 0'],
  [() => lead('5/40'), '5/40 is no duration; write 2d or 36h'],
  [() => pace('5-ax2'), 'a is no whole number to go by'],
])('%o is refused', (read, message) => {
  expect(read).toThrow(message)
})
