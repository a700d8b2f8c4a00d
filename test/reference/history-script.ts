import * as fc from 'fast-check'
import { again, commit, deploy, incident, pull, release, run, swing } from './history-actions.ts'
import { mostly, pick, some } from './history-choices.ts'
import type { BotMetric } from './settings.ts'

const service = fc.record({
  team: some('payments', 'payments', 'storefront', null),
  repository: some('acme/shop', 'acme/shop', 'acme/mono', 'acme/pushed', 'both'),
  isNamed: mostly(60, true, false),
  paths: mostly<readonly string[] | null>(
    65,
    null,
    ['api/**', 'lib/*'],
    ['web/**/*.ts', '*.md'],
    ['**/*.ts'],
  ),
  environments: mostly<readonly string[] | null>(
    50,
    null,
    ['prod-eu', 'prod-us'],
    ['/prod-.*/'],
    ['production', 'prod-eu'],
    ['/prod(uction|-eu)?/'],
  ),
  leadTimeFrom: mostly<'first-commit' | 'merge' | 'opened' | null>(
    76,
    null,
    'merge',
    'opened',
    'first-commit',
  ),
  attributionWindow: mostly<string | null>(85, null, '30m', '2h'),
  remediationWindow: mostly<string | null>(85, null, '1d', '14d'),
  recoveryClock: mostly<'impact' | 'deployment' | null>(80, null, 'deployment', 'impact'),
  hotfix: mostly<readonly string[] | null>(85, null, ['urgent'], ['hotfix', 'urgent']),
  botsInLeadTime: mostly<boolean | null>(70, null, true, true, false),
  bots: mostly<Partial<Record<BotMetric, 'excluded' | 'included'>> | null>(
    60,
    null,
    { leadTime: 'included' },
    { flow: 'included', batchAge: 'excluded', merged: 'included' },
    { reviewTime: 'included', deploymentSize: 'excluded', hotfixes: 'excluded' },
    { flow: 'excluded', labelledFailRate: 'excluded' },
  ),
  /** Its deployments say which version they are, and nothing of commits. */
  isVersioned: mostly(88, false, true),
})

/** One thing that happens, each as often as its weight says. */
const action = fc.oneof(
  { withCrossShrink: true },
  { arbitrary: commit, weight: 15 },
  { arbitrary: pull, weight: 12 },
  { arbitrary: release, weight: 20 },
  { arbitrary: deploy, weight: 28 },
  { arbitrary: swing, weight: 7 },
  { arbitrary: incident, weight: 22 },
  { arbitrary: again, weight: 4 },
  { arbitrary: run, weight: 1 },
)

/**
 * What happens in a generated history: a list of actions whose choices are few and small, so that a failing
 * history shrinks to a short one. The builder turns it into facts.
 */
export const script = fc.record({
  services: fc.array(service, { minLength: 1, maxLength: 3 }),
  /** The options of this service are those of the top level, instead of its own. */
  optionsAtTop: fc.boolean(),
  edition: some(null, '2023', '2021'),
  timezone: some(
    'UTC',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Africa/Casablanca',
    null,
  ),
  since: some(null, 'long before', 'long before', 'at a deployment', 'in the middle', 'late'),
  /** Instants near which the clocks of one of the zones change. */
  begin: some(
    '2026-03-04T10:00:00Z',
    '2026-03-18T10:30:00Z',
    '2026-03-31T10:00:00Z',
    '2026-10-01T10:00:00Z',
    '2026-10-24T10:00:00Z',
    '2026-02-10T10:00:00Z',
  ),
  asOf: some(
    'end',
    'end',
    'end',
    'week after a deployment',
    'month after a deployment',
    'at a deployment',
    'after a deployment',
    'midnight',
    'in the middle',
    'no such local time',
    'no such local time',
    'before',
  ),
  which: pick,
  /** Whether the repositories have history to begin with. */
  hasHistory: mostly(85, true, false),
  delivery: mostly(70, 'as it happened', 'reversed', 'rotated'),
  /** Two lists, so that few histories are short and yet a failing one can become so. */
  actions: fc
    .tuple(
      fc.array(action, { minLength: 1, maxLength: 26, size: 'max' }),
      fc.array(action, { maxLength: 20, size: 'max' }),
    )
    .map((lists) => lists.flat()),
})

type Of<T> = T extends fc.Arbitrary<infer Value> ? Value : never
export type Script = Of<typeof script>
export type ServiceScript = Of<typeof service>
