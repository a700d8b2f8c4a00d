import { describe, expect, test } from 'vitest'
import { ruleSchema } from '../../alerts/rule.ts'
import { alertsSchema, clashesOf } from '../../alerts/settings.ts'

/** What is said of a rule, each with its key. */
function said(rule: object): string[] {
  const { error } = ruleSchema.safeParse({ name: 'a', metric: 'leadTime', ...rule })
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('a rule that makes no sense is refused, with what would be right', () => {
  test.each<[object, string]>([
    // Comparisons
    [
      { comparedWith: 'last week', above: '150%' },
      'comparedWith: last week is nothing to compare with; write previous, or a span such as 90d',
    ],
    [{ comparedWith: '90d', above: '1d' }, 'above: 1d is no share of what was before; write 150% or 3sd'],
    [
      { comparedWith: 'previous', above: '3sd' },
      'above: 3sd is no share of what was before; write 150% or 50%',
    ],
    [
      { comparedWith: '30d', above: '150%' },
      'comparedWith: is not longer than the window of 30d; write previous, or more days',
    ],
    [
      { window: '7d', comparedWith: '36h', above: '150%' },
      'comparedWith: is no number of whole days, such as 90d',
    ],
    [{ comparedWith: '90d', above: '80%' }, 'above: 80% of what was before is no rise; write more than 100%'],
    [
      { metric: 'deploymentFrequency', comparedWith: 'previous', below: '150%' },
      'below: 150% of what was before is no fall; write less than 100%',
    ],
    [
      { metric: 'deployments', comparedWith: '90d', below: '50%' },
      'comparedWith: deployments is counted over its window, and more in a longer one; write previous, or thresholds such as 3sd',
    ],
    [
      { metric: 'coding', comparedWith: '90d', above: '150%' },
      'comparedWith: coding is kept for one window only; write previous, or thresholds such as 3sd',
    ],
    [
      { comparedWith: '90d', above: '3sd' },
      'comparedWith: 3 windows of 30d fit into 90d, and a standard deviation needs 8; write comparedWith: 240d, or a shorter window',
    ],
    [
      { window: '7d', comparedWith: '90d', above: { warning: '150%', critical: '3sd' } },
      'above: is written in two ways; write all severities in the same',
    ],
    [
      { window: '7d', comparedWith: '90d', above: { warning: '3sd', critical: '2sd' } },
      'above: critical is not further than warning: it would never be reached first',
    ],
    [
      { metric: 'deploymentFrequency', window: '7d', comparedWith: '90d', below: '3sd', clear: '4sd' },
      'clear: lies past the threshold: write one that is lower',
    ],
    [
      { window: '7d', comparedWith: '90d', above: '3sd', clear: '120%' },
      'clear: is written in another way than above; write it in the same',
    ],
    [{ window: '7d', comparedWith: '90d', above: '0sd' }, 'above: is past with any number; write 3sd'],
    [
      { metric: 'ciDuration', comparedWith: '90d', above: '150%' },
      'test: nothing can be tested of ciDuration; write test: naive to compare the bare numbers',
    ],
    // Bands
    [{ above: 'low' }, 'above: low has no edge: what is past medium is low; write medium'],
    [{ below: 'elite' }, 'below: what is below elite is good; write above: elite'],
    [
      { metric: 'deploymentFrequency', above: 'high' },
      'above: what is above high is good; write below: high',
    ],
    [{ metric: 'reworkRate', above: 'elite' }, 'above: reworkRate has no bands; write a quantity'],
    [{ metric: 'openFailures', above: 'elite' }, 'above: openFailures has no bands; write a quantity'],
    [{ above: 'elite', aggregate: 'p90' }, 'above: bands are of the p50, not of the p90; write a quantity'],
    [
      { metric: 'deploymentFrequency', below: 'high', per: 'team' },
      'below: deploymentFrequency has no bands above the service; write a quantity',
    ],
    [
      { above: { warning: 'medium', critical: 'elite' } },
      'above: critical is not further than warning: it would never be reached first',
    ],
    [
      { above: { warning: 'elite', critical: '9d' } },
      'above: is written in two ways; write all severities in the same',
    ],
    [
      { above: 'elite', clear: '12h' },
      'clear: goes with a quantity; with the name of a band it is a tenth inside it',
    ],
    // A least effect
    [
      { above: '1d', atLeast: '4h' },
      'atLeast: goes with comparedWith and a threshold such as 150% or 3sd; by itself it is what above says',
    ],
    [
      { comparedWith: 'previous', above: '150%', atLeast: '15%' },
      'atLeast: 15% is no duration; write 2d or 36h',
    ],
    [
      { metric: 'deploymentFrequency', comparedWith: 'previous', below: '50%', atLeast: '1/day' },
      'atLeast: goes with above: what falls would have to be large',
    ],
    // Budgets
    [
      { metric: 'changeFailRate', budget: '15%', above: '30%' },
      'above: 30% is no multiple of the budget; write 2x',
    ],
    [{ metric: 'changeFailRate', above: '2x' }, 'above: 2x is no rate; write 15%'],
    [
      { metric: 'leadTime', budget: '15%', above: '2x' },
      'budget: leadTime has none; it goes with changeFailRate and reworkRate',
    ],
    [{ metric: 'changeFailRate', budget: '2d', above: '2x' }, 'budget: 2d is no rate; write 15%'],
    [
      { metric: 'changeFailRate', budget: '0%', above: '2x' },
      'budget: is nothing: any failure would be too many; write changeFailRate above 0%',
    ],
    [
      { metric: 'changeFailRate', budget: '15%', below: '2x' },
      'below: a budget burns too fast, not too slowly; write above',
    ],
    [
      { metric: 'changeFailRate', budget: '15%', above: '7x' },
      'above: 7x of the budget is all deployments, and never passed; write less',
    ],
    [
      { metric: 'changeFailRate', budget: '15%', above: '2x', comparedWith: 'previous' },
      'comparedWith: goes without a budget: the thresholds are multiples of that',
    ],
    [
      { metric: 'changeFailRate', above: '15%', alsoIn: '1d' },
      'alsoIn: goes with a budget only; write budget: 15%, or leave it out',
    ],
    [
      { metric: 'changeFailRate', window: '7d', budget: '15%', above: '2x', alsoIn: '7d' },
      'alsoIn: is not shorter than the window of 7d; write 1d',
    ],
    [
      { metric: 'changeFailRate', window: '7d', budget: '15%', above: '2x', alsoIn: '90m' },
      'alsoIn: is no number of whole hours, such as 6h or 1d',
    ],
    [
      { metric: 'changeFailRate', window: '7d', budget: '15%', above: '2x', alsoIn: '1d', per: 'team' },
      'alsoIn: counts the deployments of a service; write per: service',
    ],
    // What has no window
    [
      { metric: 'sinkBacklog', comparedWith: 'previous', above: '200%' },
      'comparedWith: sinkBacklog has no window, so there is none before; write how long ago, such as 1d',
    ],
    [
      { metric: 'sinkBacklog', comparedWith: '6h', above: '3sd', atLeast: 10 },
      'above: 3sd is no share of what was before; write 150% or 50%',
    ],
    [
      { metric: 'sinkBacklog', comparedWith: '6h', above: '200%' },
      'atLeast: is missing: from 1 to 2 is twice as many; write from how many on it counts',
    ],
    [
      { metric: 'sinkBacklog', comparedWith: '6h', below: '50%' },
      'below: sinkBacklog is compared for a rise only; write above',
    ],
    [
      { metric: 'sinkBacklog', comparedWith: '90m', above: '200%', atLeast: 10 },
      'comparedWith: is no number of whole hours, such as 6h or 1d',
    ],
    [
      { metric: 'qualityFindings', comparedWith: '6h', above: '200%', atLeast: 10 },
      'comparedWith: of qualityFindings one number a day is kept; write whole days, such as 1d',
    ],
    [
      { metric: 'openFailures', comparedWith: '6h', above: '200%', atLeast: 10 },
      'comparedWith: of openFailures only the last hour is kept; write a quantity',
    ],
    [{ metric: 'oldestOpenFailure', above: 3 }, 'above: 3 is no duration; write 2d or 36h'],
    [{ metric: 'failureStreak', above: '2d' }, 'above: 2d is no number; write 3'],
    [{ metric: 'failureStreak', above: 3, window: '7d' }, 'window: failureStreak has no window'],
  ])('%j', (rule, problem) => {
    expect(said(rule)).toContain(problem)
  })

  test.each<object>([
    { comparedWith: '90d', above: { warning: '150%', critical: '300%' }, atLeast: '4h' },
    { window: '7d', comparedWith: '90d', above: '3sd' },
    { comparedWith: '240d', above: '3sd', clear: '1sd' },
    {
      metric: 'deploymentFrequency',
      window: '7d',
      comparedWith: '90d',
      below: { info: '2sd', warning: '3sd' },
    },
    { above: { info: 'elite', warning: 'high', critical: 'medium' } },
    { metric: 'deploymentFrequency', below: 'elite', comparedWith: 'previous' },
    { metric: 'changeFailRate', window: '7d', budget: '15%', above: '2x', alsoIn: '1d', clear: '1x' },
    { metric: 'reworkRate', budget: '20%', above: { warning: '1x', critical: '2.5x' }, per: 'team' },
    { metric: 'sinkBacklog', comparedWith: '6h', above: '200%', atLeast: 1000 },
    { metric: 'qualityFindings', comparedWith: '1d', above: '150%', atLeast: 10 },
    { metric: 'incidents', comparedWith: 'previous', above: '200%' },
    { metric: 'oldestOpenFailure', above: '1d' },
    { metric: 'failureStreak', above: { warning: 3, critical: 5 } },
  ])('%j is right', (rule) => {
    expect(said(rule)).toEqual([])
  })
})

describe('a rule that does not fit the windows', () => {
  const now = Date.UTC(2026, 5, 20, 12)
  const clashes = (rule: object, windows: object = {}) => {
    const settings = alertsSchema.parse({ rules: [{ name: 'a', metric: 'leadTime', above: '1d', ...rule }] })
    return clashesOf(settings, { channels: [], windowsDays: [7, 30, 90], since: null, now, ...windows }).map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    )
  }

  test.each<[object, object, string]>([
    [{ window: '14d' }, {}, 'rules.0.window: a: window 14d is none of windows (7d, 30d, 90d)'],
    [
      { above: '150%', comparedWith: '60d' },
      {},
      'rules.0.comparedWith: a: comparedWith 60d is none of windows (7d, 30d, 90d)',
    ],
    [
      { metric: 'coding', window: '7d' },
      {},
      'rules.0.window: a: coding is written for one window only; write window: 30d',
    ],
    [
      {},
      { since: Date.UTC(2026, 5, 1) },
      'rules.0.window: a: window 30d is longer than what is known since 2026-06-01 (19d); write an earlier since, or window: 7d',
    ],
    [
      { window: '7d' },
      { since: Date.UTC(2026, 5, 18) },
      'rules.0.window: a: window 7d is longer than what is known since 2026-06-18 (2d); write an earlier since',
    ],
  ])('%j with %j', (rule, windows, problem) => {
    expect(clashes(rule, windows)).toEqual([problem])
  })

  test('is none where the window just fits, where nothing is said of the start, and where deviations need no point', () => {
    expect(clashes({}, { since: now - 30 * 86_400_000 })).toEqual([])
    expect(clashes({})).toEqual([])
    expect(clashes({ window: '7d', above: '3sd', comparedWith: '60d' })).toEqual([])
  })

  test('is none of those that are built in: their numbers come later', () => {
    const settings = alertsSchema.parse({ builtIn: true })
    const windows = { channels: [], windowsDays: [7, 30, 90], since: now - 86_400_000, now }
    expect(clashesOf(settings, windows)).toEqual([])
    expect(clashesOf(settings, { ...windows, windowsDays: [14] })[0]).toMatchObject({ path: ['builtIn'] })
  })
})
