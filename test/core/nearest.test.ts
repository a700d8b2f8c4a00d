import { expect, test } from 'vitest'
import { editDistance, nearest } from '../../core/nearest.ts'

test.each([
  ['team', 'team', 0],
  ['tem', 'team', 1],
  ['taem', 'team', 1],
  ['', 'team', 4],
  ['kitten', 'sitting', 3],
])('%j is %j after %i changes', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance)
  expect(editDistance(b, a)).toBe(distance)
})

test('the nearest is found without regard to case, and nothing where all are far', () => {
  const keys = ['name', 'team', 'timezone']
  expect(nearest('Tem', keys)).toBe('team')
  expect(nearest('timeZone', keys)).toBe('timezone')
  expect(nearest('colour', keys)).toBeUndefined()
  expect(nearest('x', keys)).toBeUndefined()
})
