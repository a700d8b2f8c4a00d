import { describe, expect, test } from 'vitest'
import { evaluate, type Instance } from '../../alerts/evaluate.ts'
import type { SlotPoints } from '../../alerts/observation.ts'
import { ruleSchema } from '../../alerts/rule.ts'
import { inServices } from '../../alerts/where.ts'

const services = [
  { name: 'shop', labels: { tier: 'gold' } },
  { name: 'blog', labels: { tier: 'tin' } },
]
const written = { name: 'a', metric: 'changeFailRate', above: '15%', test: 'naive' }

interface Point {
  measurement: string
  tags: Record<string, string>
  fields: Record<string, number>
}

const failing: Point = {
  measurement: 'dora_window',
  tags: { service: 'shop', team: 'web', environment: 'production', window: '30d' },
  fields: { n: 100, failed: 40, change_fail_rate: 0.4 },
}

function slotPoints(points: readonly Point[]): SlotPoints {
  return {
    of: (measurement) =>
      points
        .filter((each) => each.measurement === measurement)
        .map(({ tags, fields }) => ({ tags, number: (field) => fields[field] })),
  }
}

interface Change {
  /** The rule by which it fires, of these points. */
  first?: object
  points?: readonly Point[]
  /** Those of an hour later. */
  later?: readonly Point[]
  teamOf?: () => string
}

/** An alert fires by one rule; what another one of the same name makes of it an hour later. */
function changed(
  rule: object,
  { first = written, points = [failing], later = points, teamOf = () => 'web' }: Change = {},
): string {
  const parsed = (one: object) => [inServices(ruleSchema.parse(one), services)]
  const isKnown = () => true
  const before = evaluate(parsed(first), new Map(), { at: 1, points: slotPoints(points), isKnown })
  expect(before.transitions.map(({ transition }) => transition.kind)).toEqual(['fired'])
  const former = new Map<string, Instance>(before.changed.map((each) => [each.key, each]))
  const now = { at: 2, points: slotPoints(later), isKnown, teamOf }
  const { transitions, gone, changed: kept } = evaluate(parsed({ ...first, ...rule }), former, now)
  const told = transitions.map(({ transition: { kind, reason } }) => `${kind}: ${reason}`)
  if (gone.length === 0) return told.join() || (kept[0]?.state.unknownReason ?? 'kept')
  expect(gone).toEqual([...former.keys()])
  return told.join()
}

const over = 'resolved: rule no longer covers it'

describe('an alert for which its rule no longer asks', () => {
  test.each([
    { services: 'blog' },
    { teams: ['core', 'data'] },
    { environments: 'staging' },
    { where: { tier: 'tin' } },
    { per: 'team' },
    { per: 'organization' },
  ])('ends with a rule with %j, and says why', (rule) => {
    expect(changed(rule)).toBe(over)
    // Whether or not it has a point.
    expect(changed(rule, { later: [] })).toBe(over)
  })

  test.each([
    { services: ['blog', 'shop'] },
    { teams: 'web' },
    { environments: ['production'] },
    { where: { tier: '/gold|tin/' } },
    { per: 'service' },
  ])('is not one of a rule with %j, which has no point', (rule) => {
    expect(changed(rule)).toBe('kept')
    expect(changed(rule, { later: [] })).toBe('no point')
  })

  test('is one of a service that is another team’s now', () => {
    const points = [{ ...failing, tags: { ...failing.tags, team: 'core' } }]
    const first = { ...written, teams: 'web' }
    expect(changed({}, { first, later: points, teamOf: () => 'core' })).toBe(over)
    expect(changed({}, { first, later: [], teamOf: () => 'web' })).toBe('no point')
  })
})

describe('a rule that takes another number by the same name', () => {
  test.each([
    { window: '7d' },
    { metric: 'reworkRate' },
    { metric: 'leadTime', above: '2h' },
    { metric: 'openFailures', above: 1 },
  ])('keeps the alert of the same subject: %j', (rule) => {
    expect(changed(rule, { later: [] })).toBe('no point')
  })

  test('ends that of what the other number has no point of', () => {
    const ci: Point = {
      measurement: 'dora_ci',
      tags: { service: 'shop', team: 'web', workflow: '*', window: '30d' },
      fields: { n: 100, failed: 40, failure_rate: 0.4 },
    }
    const lag: Point = {
      measurement: 'dora_pipeline',
      tags: { step: 'extract', source: 'github' },
      fields: { lag_s: 90_000 },
    }
    const ofCi = { ...written, metric: 'ciFailureRate' }
    const ofLag = { name: 'a', metric: 'sourceLag', above: '3h' }
    expect(changed({ metric: 'ciFailureRate' })).toBe(over)
    expect(changed({ metric: 'changeFailRate' }, { first: ofCi, points: [ci] })).toBe(over)
    expect(changed({ metric: 'sourceLag', above: '3h' })).toBe(over)
    expect(changed({ metric: 'leadTime' }, { first: ofLag, points: [lag] })).toBe(over)
    expect(changed({}, { first: ofLag, points: [lag], later: [] })).toBe('no point')
    // What is of the pipeline is asked of all there is.
    expect(changed({ services: 'blog' }, { first: ofLag, points: [lag], later: [] })).toBe('no point')
  })
})
