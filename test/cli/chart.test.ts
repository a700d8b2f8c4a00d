import { expect, test } from 'vitest'
import { chartOf, eachOf } from '../../cli/chart.ts'

test('columns stand on an axis, as high as their numbers', () => {
  expect(chartOf([0, 1, 2, 3], { width: 80, labels: ['a', 'd'] })).toBe(
    ['3 │   █', '  │  ██', '  │ ███', '0 └────', '   a  d'].join('\n'),
  )
})

test('high numbers share five rows, by eighths, and the least of them is seen', () => {
  expect(chartOf([1, 100, 50], { width: 80, labels: ['a', 'c'] })).toBe(
    ['100 │ █', '    │ █', '    │ █▄', '    │ ██', '    │▁██', '  0 └───', '     a c'].join('\n'),
  )
})

test('where there are too many, a column is the highest of several, and the last ones are whole', () => {
  expect(chartOf([1, 0, 2, 0, 0], { width: 80, each: 2, labels: ['a', 'e'] })).toBe(
    ['2 │ █', '  │██', '0 └───', '   a e'].join('\n'),
  )
  expect(eachOf(70, 70, [1, 7, 28])).toBe(1)
  expect(eachOf(71, 70, [1, 7, 28])).toBe(7)
  expect(eachOf(365, 70, [1, 7, 28])).toBe(7)
  expect(eachOf(5000, 70, [1, 7, 28])).toBe(28)
})

test('no line is longer than the terminal is wide', () => {
  const values = Array.from({ length: 500 }, (_, index) => index)
  for (const line of chartOf(values, { width: 60, labels: ['from', 'to'] }).split('\n'))
    expect(line.length).toBeLessThanOrEqual(60)
})

test('where nothing is, there is an axis only', () => {
  expect(chartOf([0, 0, 0], { width: 80, labels: ['a', 'c'] })).toBe('0 └───\n   a c')
})
