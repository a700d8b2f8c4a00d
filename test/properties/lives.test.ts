import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { lives } from './lives.ts'
import { noteShapes, shapes } from './shapes.ts'

test('generated lives reach every awkward shape, each in at least 8 of 500', () => {
  const reached = new Map<string, number>(shapes.map((shape) => [shape, 0]))
  for (const { moments } of fc.sample(lives(), { numRuns: 500, seed: 1 })) {
    const found = new Set<string>()
    noteShapes(moments, (shape) => found.add(shape))
    for (const shape of found) if (reached.has(shape)) reached.set(shape, reached.get(shape)! + 1)
  }
  if (process.env['HISTORIES'] !== undefined)
    console.log(JSON.stringify(Object.fromEntries(reached), null, 1))
  expect([...reached].filter(([, count]) => count < 8)).toEqual([])
})
