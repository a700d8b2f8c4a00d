import { expect, test } from 'vitest'
import { baseText, ruleText } from '../../alerts/rule-text.ts'
import { ruleSchema } from '../../alerts/rule.ts'

const rule = (written: object) => ruleSchema.parse({ name: 'a', ...written })

test.each([
  [
    { metric: 'changeFailRate', above: { warning: '15%', critical: '30%' }, for: '2h' },
    'changeFailRate, 30d, above 15 % (warning), 30 % (critical), for 2h',
  ],
  [
    { metric: 'leadTime', aggregate: 'p90', window: '7d', above: '2d', test: 'naive' },
    'leadTime p90, 7d, above 2d, not tested',
  ],
  [
    { metric: 'leadTime', above: '150%', comparedWith: 'previous', atLeast: '4h' },
    'leadTime, 30d, above 150 % of the 30d before, at least 4h',
  ],
  [{ metric: 'leadTime', above: 'elite' }, 'leadTime, 30d, above elite'],
  [
    { metric: 'leadTime', above: 'elite', comparedWith: 'previous' },
    'leadTime, 30d, above elite, and not 30d before',
  ],
  [
    { metric: 'leadTime', window: '7d', above: '3sd', comparedWith: '90d' },
    'leadTime, 7d, above 3sd from the 12 windows before',
  ],
  [
    { metric: 'changeFailRate', window: '7d', budget: '15%', alsoIn: '1d', above: '2x' },
    'changeFailRate, 7d, above 2x of a budget of 15 %, also in the last 1d',
  ],
  [
    { metric: 'sinkBacklog', above: '200%', comparedWith: '6h', atLeast: 1000 },
    'sinkBacklog, above 200 % of what it was 6h ago, at least 1000',
  ],
  [{ metric: 'deploymentFrequency', below: '2/week' }, 'deploymentFrequency, 30d, below 0.286 a day'],
])('%j', (written, text) => {
  expect(ruleText(rule(written))).toBe(text)
})

test('what it is compared with has a name', () => {
  const compared = { metric: 'leadTime', window: '7d', above: '150%' }
  expect(baseText(rule({ ...compared, comparedWith: 'previous' }))).toBe('The 7d before')
  expect(baseText(rule({ ...compared, comparedWith: '90d' }))).toBe('The 90d before')
})
