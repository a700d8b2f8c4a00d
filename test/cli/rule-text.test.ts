import { expect, test } from 'vitest'
import { alertsSchema } from '../../alerts/settings.ts'
import { ruleText } from '../../cli/rule-text.ts'

test.each([
  [
    {
      metric: 'changeFailRate',
      window: '7d',
      budget: '15%',
      alsoIn: '1d',
      above: { warning: '2x', critical: '4x' },
    },
    'changeFailRate, 7d, above 2x (warning), above 4x (critical), budget 15 %, alsoIn 1d',
  ],
  [
    { metric: 'deploymentFrequency', window: '7d', comparedWith: '90d', below: '3sd' },
    'deploymentFrequency, 7d, below 3sd (warning), comparedWith 12 windows',
  ],
  [
    { metric: 'leadTime', comparedWith: '90d', above: '150%', atLeast: '4h', for: '2h', keepFiringFor: '6h' },
    'leadTime, 30d, above 150 % (warning), comparedWith 90d, atLeast 4h, for 2h, keepFiringFor 6h',
  ],
  [
    { metric: 'leadTime', comparedWith: 'previous', above: 'elite', test: 'naive' },
    'leadTime, 30d, above elite: 1d (warning), comparedWith previous, test naive',
  ],
  [
    { metric: 'sinkBacklog', comparedWith: '6h', above: '200%', atLeast: 1000 },
    'sinkBacklog, above 200 % (warning), comparedWith 6h, atLeast 1000',
  ],
  [{ metric: 'openFailures', above: 2 }, 'openFailures, above 2 (warning)'],
])('%j is told as it is written', (written, text) => {
  const rule = alertsSchema.parse({ rules: [{ name: 'tried', ...written }] }).rules[0]!
  expect(ruleText(rule)).toBe(text)
})
