import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { step } from '../../alerts/state.ts'
import type { InstanceState, Timing, Verdict } from '../../alerts/state.ts'
import { seeded } from './seeded.ts'
import { timingOf } from './state-played.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/alert-statistics.md'), 'utf8')
const hours = 30 * 24
const months = 100

/**
 * How often an alert changes in a month, evaluated every hour, where the value is the threshold and 5 % of noise;
 * `clearBelow` is a share of the threshold.
 */
function changesOf(clearBelow: number, timing: Partial<Timing>): number {
  const random = seeded(4)
  let changes = 0
  for (let month = 0; month < months; month += 1) {
    let state: InstanceState | undefined
    for (let at = 0; at < hours; at += 1) {
      const noise = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
      const value = 1 + 0.05 * noise
      const verdict: Verdict =
        value > 1
          ? { kind: 'breach', severity: 'warning' }
          : { kind: value > clearBelow ? 'between' : 'clear' }
      const next = step(state, verdict, timingOf(timing), at)
      state = next.state
      changes += next.transitions.length
    }
  }
  return changes / months
}

test('a value at its threshold flaps, less with times or a clear threshold, and hardly with both', () => {
  const plain = changesOf(1, {})
  // Three breaches in a row to fire, six clear ones to resolve: runs of a fair coin, 14 and 126 hours on average.
  const times = changesOf(1, { forMs: 2, keepFiringForMs: 5 })
  // Cleared two deviations below: every 44 hours, and fired again two hours after.
  const hysteresis = changesOf(0.9, {})
  const both = changesOf(0.9, { forMs: 2, keepFiringForMs: 5 })
  const isNear = (changes: number, expected: number) =>
    expect(Math.abs(changes / expected - 1)).toBeLessThan(0.1)
  isNear(plain, hours / 2)
  isNear(hysteresis, (2 * hours) / (44 + 2))
  isNear(times, (2 * hours) / (14 + 126))
  expect(both).toBeLessThan(2)
  const numbers = [plain, hysteresis, times, both].map((changes) => changes.toFixed(0))
  expect(page).toContain(`| ${numbers.join(' | ')} |`)
})
