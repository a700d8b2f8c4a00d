import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alertsSchema } from '../../alerts/settings.ts'
import { parseFact } from '../../core/fact-json.ts'
import { encodeFields, encodeSeries } from '../../core/line-protocol.ts'
import { alertAt } from '../../pipeline/alerts.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'

const hourMs = 3_600_000
const dayMs = 86_400_000
/** Nine in the morning in Berlin, a month after the clocks went forward. */
const now = Date.UTC(2026, 3, 29, 7)
const config = {
  since: '2025-12-01',
  timezone: 'Europe/Berlin',
  services: [{ name: 'shop', team: 'web', timezone: 'Europe/Berlin' }],
}

let store: Store
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
})
afterEach(() => store.close())

interface Rollout {
  at: number
  outcome?: 'success' | 'failure'
  leadHours?: number
  isRework?: boolean
}

async function deployed(rollouts: readonly Rollout[], until = now): Promise<void> {
  const facts = rollouts.map(({ at, outcome = 'success', leadHours, isRework }, index) =>
    parseFact({
      kind: 'deployment',
      source: 'ci',
      id: String(index),
      service: 'shop',
      environment: 'production',
      outcome,
      isRollback: false,
      isRework: isRework ?? false,
      finishedAt: new Date(at).toISOString(),
      ...(leadHours === undefined
        ? {}
        : { firstCommitAt: new Date(at - leadHours * hourMs).toISOString(), sha: `c${index}` }),
    }),
  )
  await store.facts.save({ facts })
  await deriveChanges(store, optionsOf(config, until))
}

/** What it is compared with goes by one name here, and what tells of the rule itself is left out. */
function shown(name: string): string[] {
  if (name === 'Rule' || name === 'With 95 % certainty') return []
  return [name.endsWith(' before') ? 'Before' : name]
}

/** What a rule says of everything now: what it is of, how grave, and the values that are told. */
async function told(rule: object, at = now) {
  const settings = alertsSchema.parse({ rules: [{ name: 'a', ...rule }] })
  const derivation = optionsOf(config, at)
  const { firing } = await alertAt({ store, derivation }, settings, at, { clock: () => at }, { isDry: true })
  return firing.map(({ severity, labels, values }) => ({
    severity,
    of: labels['detail'] ?? labels['service'],
    ...Object.fromEntries(values.flatMap(({ name, text }) => shown(name).map((as) => [as, text]))),
  }))
}

/** Two deployments each morning of so many days, the last of them half an hour and ten minutes ago. */
function daily(days: number, of: (daysAgo: number, isFirst: boolean) => Omit<Rollout, 'at'>): Rollout[] {
  return Array.from({ length: 2 * days }, (_, index) => {
    const daysAgo = days - 1 - Math.floor(index / 2)
    const isFirst = index % 2 === 0
    const at = now - daysAgo * dayMs - (isFirst ? 30 : 10) * 60_000
    return { at, ...of(daysAgo, isFirst) }
  })
}

describe('compared with the days before', () => {
  test('a lead time is past a share of its median over them, and so are the changes', async () => {
    // The current window began at seven days ago, nine in the morning; the days before end at the midnight before.
    await deployed(daily(110, (daysAgo) => ({ leadHours: daysAgo < 7 ? 20 : 5 + (daysAgo % 5) })))
    const rule = { metric: 'leadTime', window: '7d', comparedWith: '90d', minSamples: 10 }
    expect(await told({ ...rule, above: { warning: '150%', critical: '280%' } })).toEqual([
      {
        severity: 'critical',
        of: 'shop',
        'leadTime, 7d': '20h',
        Threshold: 'at most 19h36m',
        'Made of': '14',
        Before: '7h',
      },
    ])
    expect(await told({ ...rule, above: '290%' })).toEqual([])
    expect(await told({ ...rule, above: '150%', atLeast: '21h' })).toEqual([])
  })

  test('is silent where the median rose and the changes as a whole did not', async () => {
    // Slightly more than half of the last week's took long, of those before slightly less than half.
    await deployed(
      daily(110, (daysAgo, isFirst) => {
        const isLong = daysAgo < 7 ? isFirst || daysAgo === 0 : isFirst && daysAgo % 10 !== 0
        return { leadHours: isLong ? 20 : 5 }
      }),
    )
    const rule = { metric: 'leadTime', window: '7d', comparedWith: '90d', above: '150%' }
    expect(await told(rule)).toEqual([])
    expect(await told({ ...rule, test: 'naive' })).toMatchObject([{ 'leadTime, 7d': '20h', Before: '5h' }])
    // Nor is its team told of: its changes are those of its services.
    for (const per of ['team', 'organization']) {
      expect(await told({ ...rule, per })).toEqual([])
      expect(await told({ ...rule, per, test: 'naive' })).toMatchObject([{ 'leadTime, 7d': '20h' }])
    }
  })

  test('a frequency is held against as many days as they are', async () => {
    // Two a day, but of the last week only those of this morning.
    await deployed(daily(110, () => ({})).filter(({ at }) => at < now - 7 * dayMs || at > now - 2 * hourMs))
    const rule = { metric: 'deploymentFrequency', window: '7d', comparedWith: '90d' }
    expect(await told({ ...rule, below: '50%' })).toMatchObject([
      { 'deploymentFrequency, 7d': '0.286 a day', Before: '2 a day', Threshold: 'at least 1 a day' },
    ])
    expect(await told({ ...rule, below: '10%' })).toEqual([])
  })
})

describe('standard deviations of its own weeks', () => {
  const rule = { metric: 'leadTime', window: '7d', comparedWith: '90d' }
  /** Hours that all changes of a week took, by how many windows ago it was: the mean of their logarithms is that of 8. */
  const weeks = [8, 4, 16, 8, 8, 4, 16, 8, 8, 4, 16, 8]
  const history = (last: number) =>
    daily(110, (daysAgo) => ({
      // Of the windows before, each ends seven days before the next, at a midnight.
      leadHours: daysAgo < 7 ? last : (weeks[Math.floor((daysAgo - 7) / 7)] ?? 500),
    }))
  // Six of twelve lie a factor of 2 from it: the deviation is log 2 * sqrt(6 / 11), and three of them a factor of 4.645.
  const factor = 2 ** (3 * Math.sqrt(6 / 11))

  test('are those of the twelve windows that fit, from midnight to midnight', async () => {
    await deployed(history(8 * factor + 0.5))
    expect(await told({ ...rule, above: '3sd' })).toEqual([
      {
        severity: 'warning',
        of: 'shop',
        'leadTime, 7d': '1d13h40m',
        Threshold: 'at most 1d13h10m',
        'Made of': '14',
        Before: '8h',
      },
    ])
    expect(await told({ ...rule, above: '3.1sd' })).toEqual([])
  })

  test('are unknown as long as there are fewer than six', async () => {
    await deployed(history(60).filter(({ at }) => at > now - 40 * dayMs))
    expect(await told({ ...rule, above: '3sd' })).toEqual([])
    store.close()
    store = openSqlite({ path: ':memory:' })
    await deployed(history(60).filter(({ at }) => at > now - 60 * dayMs))
    expect(await told({ ...rule, above: '3sd' })).toHaveLength(1)
  })
})

describe('a budget that burns', () => {
  const rule = { metric: 'changeFailRate', window: '7d', budget: '15%', above: '2x', alsoIn: '1d' }
  /** From so many days ago until so many days ago both of a day fail; of every third day only the first. */
  const failing = (from: number, until: number) =>
    daily(30, (daysAgo, isFirst) => ({
      outcome: daysAgo <= from && daysAgo > until && (isFirst || daysAgo % 3 !== 0) ? 'failure' : 'success',
    }))

  test('is told with what is left of it, while the last deployments fail, too', async () => {
    await deployed(failing(5, -1))
    // Of the six days two had one failure and four had two: ten of fourteen; of the last day one of two.
    expect(await told(rule)).toEqual([
      {
        severity: 'warning',
        of: 'shop',
        'changeFailRate, 7d': '71.4 %',
        Threshold: 'at most 30 %',
        Burn: '4.76x of a budget of 15 %',
        'Budget left': 'nothing: 10 of 14 failed, 2 may',
        'Made of': '10 of 14',
      },
    ])
  })

  test('is not told when it is over, but where no part of the window is asked', async () => {
    await deployed(failing(6, 0))
    expect(await told(rule)).toEqual([])
    expect(await told({ ...rule, alsoIn: undefined })).toHaveLength(1)
    // Two days ago it went on.
    expect(await told({ ...rule, alsoIn: '2d' })).toHaveLength(1)
  })

  test('of rework counts what repairs', async () => {
    await deployed(daily(30, (daysAgo) => ({ isRework: daysAgo < 3 })))
    const rework = { ...rule, metric: 'reworkRate', budget: '10%', above: '1.5x' }
    expect(await told(rework)).toMatchObject([
      { 'reworkRate, 7d': '42.9 %', 'Budget left': 'nothing: 6 of 14 were rework, 1 may' },
    ])
    expect(await told({ ...rework, above: '5x' })).toEqual([])
  })
})

describe('what has no window, compared with what it was', () => {
  async function backlogs(counts: readonly [hoursAgo: number, count: number][]): Promise<void> {
    const series = encodeSeries('dora_pipeline', { step: 'deliver', source: 'influx' })
    await store.points.save(
      'pipeline',
      counts.map(([hoursAgo, backlog]) => ({
        series,
        at: now - hoursAgo * hourMs + 5 * 60_000,
        nanos: 0,
        fields: encodeFields({ backlog: { int: backlog } }),
      })),
    )
  }
  const rule = { metric: 'sinkBacklog', comparedWith: '6h', above: '200%', atLeast: 1000 }

  test('a backlog that grows is told of, and one that was as large is not', async () => {
    await backlogs([
      [12, 4000],
      [6, 1000],
      [5, 9000],
      [0, 2100],
    ])
    expect(await told(rule)).toEqual([
      { severity: 'warning', of: 'influx', sinkBacklog: '2100', Threshold: 'at most 2000', Before: '1000' },
    ])
    expect(await told({ ...rule, comparedWith: '5h' })).toEqual([])
    expect(await told({ ...rule, comparedWith: '12h' })).toEqual([])
    expect(await told({ ...rule, atLeast: 2101 })).toEqual([])
    expect(await told({ ...rule, comparedWith: '13h' })).toEqual([])
  })

  test('something where there was nothing is a rise', async () => {
    await backlogs([
      [6, 0],
      [0, 1000],
    ])
    expect(await told(rule)).toHaveLength(1)
  })

  test('findings are those of the end of a day, and a kind that has no point then had none', async () => {
    const saved = (kind: string, at: number, count: number) => ({
      series: encodeSeries('dora_quality', { kind, service: 'shop', team: 'web' }),
      at,
      nanos: 0,
      fields: encodeFields({ count: { int: count } }),
      ...(at === now ? { passing: true as const } : {}),
    })
    // Yesterday's last refresh was at ten in the evening, Berlin time; this hour's replaces that of the hour before.
    const yesterday = Date.UTC(2026, 3, 28, 20)
    await store.points.save('quality:shop', [
      saved('no_commits', yesterday - dayMs, 100),
      saved('no_commits', yesterday, 10),
      saved('no_commits', now, 25),
      saved('recovery_unknown', now, 5),
    ])
    const findings = { metric: 'qualityFindings', comparedWith: '1d', above: '200%', atLeast: 5 }
    expect(await told(findings)).toMatchObject([
      { of: 'no_commits', qualityFindings: '25', Before: '10' },
      { of: 'recovery_unknown', qualityFindings: '5', Before: '0' },
    ])
    expect(await told({ ...findings, comparedWith: '2d' })).toMatchObject([{ of: 'recovery_unknown' }])
    expect(await told({ ...findings, comparedWith: '3d' })).toEqual([])
  })
})

describe('failures that last', () => {
  test('the oldest that is open, and how many of the last failed in a row', async () => {
    await deployed([
      { at: now - 60 * hourMs },
      { at: now - 50 * hourMs, outcome: 'failure' },
      { at: now - 30 * hourMs, outcome: 'failure' },
      { at: now - 2 * hourMs, outcome: 'failure' },
    ])
    expect(await told({ metric: 'oldestOpenFailure', above: { warning: '1d', critical: '7d' } })).toEqual([
      { severity: 'warning', of: 'shop', oldestOpenFailure: '2d2h', Threshold: 'at most 1d' },
    ])
    expect(await told({ metric: 'failureStreak', above: 2 })).toMatchObject([{ failureStreak: '3' }])
    expect(await told({ metric: 'failureStreak', above: 3 })).toEqual([])
  })

  test('a success ends both', async () => {
    await deployed([{ at: now - 50 * hourMs, outcome: 'failure' }, { at: now - 2 * hourMs }])
    expect(await told({ metric: 'oldestOpenFailure', above: '1h' })).toEqual([])
    expect(await told({ metric: 'failureStreak', above: 0 })).toEqual([])
  })
})

test('a service that left its band is told of until it was a window ago', async () => {
  await deployed(daily(110, (daysAgo) => ({ leadHours: daysAgo < 8 ? 30 : 20 })))
  const rule = { metric: 'leadTime', window: '7d', comparedWith: '30d' }
  expect(await told({ ...rule, above: '140%' })).toHaveLength(1)
  const dropped = { metric: 'leadTime', window: '7d', comparedWith: 'previous', above: 'elite' }
  expect(await told(dropped)).toMatchObject([
    { Threshold: 'at most 1d', 'leadTime, 7d': '1d6h', Before: '20h' },
  ])
  expect(await told({ ...dropped, above: 'high' })).toEqual([])
})
