import * as fc from 'fast-check'
import { day, hour, minute, mostly, pathSets, pick, some, titles, waits } from './history-choices.ts'

export const commit = fc.record({
  kind: fc.constant('commit' as const),
  wait: waits,
  repository: pick,
  count: some(1, 1, 2, 3),
  /** Authored this long before it came in; negative: by a clock that runs ahead. */
  lag: mostly(70, hour, 0, 3 * day, -4 * hour, -day),
  isBot: mostly(85, false, true),
  isMissing: mostly(92, false, true),
  /** Without parents, in a repository that has history. */
  isRoot: mostly(96, false, true),
  isMerge: mostly(88, false, true),
  message: titles,
  paths: pathSets,
  /** It says that it came in with a pull request of which nothing is known. */
  isOrphan: mostly(97, false, true),
})

export const pull = fc.record({
  kind: fc.constant('pull' as const),
  wait: waits,
  repository: pick,
  style: some('squash', 'merge', 'rebase', 'stacked', 'fast-forward', 'unmerged'),
  count: some(1, 2, 2),
  lag: mostly(75, 5 * hour, 0, 3 * day, 30 * minute, -2 * day),
  title: titles,
  labels: mostly<readonly string[]>(
    65,
    [],
    ['hotfix'],
    ['Hotfix/db'],
    ['size/s', 'HOTFIX'],
    ['hotfixes'],
    ['urgent'],
    ['Urgent/now'],
    ['caused-incident'],
    ['caused-incident', 'hotfix'],
  ),
  branch: mostly(65, 'feature/cart', 'hotfix/cart', 'Hotfix', 'hotfix-cart', 'urgent', null),
  isBot: mostly(85, false, true),
  opened: mostly(80, 'after the commits', 'before the commits'),
  ready: some(null, null, hour, 3 * day),
  reviewed: some(null, 'before the merge', 'before the merge', 'before it was opened', 'after the merge'),
  approved: some(null, 'before the merge', 'before it was opened'),
  files: some(null, 0, 1, 2, 3, 4, 9, 10, 40),
  paths: pathSets,
  mergePaths: pathSets,
  /** Whether the branch's commits are known where they never reach the trunk. */
  branchKnown: mostly(70, false, true),
})

/** Mostly the first, so that there is enough of one service in one environment. */
const first = mostly(75, 0, 0, 1, 2, 3, 4, 5)

export const deploy = fc.record({
  kind: fc.constant('deploy' as const),
  wait: waits,
  what: some(
    'tip',
    'tip',
    'tip',
    'tip',
    'previous',
    'previous',
    'live',
    'any',
    'head',
    'head',
    'before',
    'gone',
    'none',
    'none',
  ),
  which: pick,
  service: first,
  isGhost: mostly(97, false, true),
  environment: first,
  lookAlike: mostly<string | null>(
    92,
    null,
    'staging',
    'preprod',
    'non-prod',
    'production-eu-test',
    'PROD',
    'Production',
    'prod-eu',
    'prod-us',
  ),
  outcome: mostly(70, 'success', 'failure', 'failure', 'cancelled', 'running'),
  when: some('now', 'now', 'now', 'now', 'now', 'now', 'now', 'equal', 'window', 'window', 'past window'),
  started: some(null, null, 10 * minute, 10 * minute, 2 * hour, 0),
  version: some('new', 'new', 'none', 'none', 'old', 'live'),
  range: mostly(60, 'none', 'right', 'right', 'partial', 'unknown base', 'older base', 'later base'),
  isRollback: mostly(80, null, true, true, false),
  isRework: mostly(82, null, true, true, false),
  firstCommit: mostly(80, null, 2 * hour, 2 * hour, 3 * day, 0, -hour),
})

/** The version before the live one is deployed, so many times: back, forward, back. */
export const swing = fc.record({ kind: fc.constant('swing' as const), deploy, times: some(1, 2, 3) })

/** A pull request that is deployed at once: what reworks a service most often. */
export const release = fc.record({ kind: fc.constant('release' as const), pull, deploy })

export const incident = fc.record({
  kind: fc.constant('incident' as const),
  wait: some(0, 10 * minute, hour),
  anchor: pick,
  service: mostly(84, 'of the deployment', 'another', 'another', 'unknown'),
  services: mostly(65, 'none', 'another', 'same and another', 'all'),
  environment: mostly(
    45,
    'none',
    'of the deployment',
    'of the deployment',
    'of the deployment',
    'another',
    'another',
    'never deployed',
    'staging',
  ),
  /** After the finish of the deployment at which it is anchored, or at its start. */
  offset: some(
    10 * minute,
    0,
    -5 * minute,
    -8 * minute,
    'window',
    'window',
    'past window',
    45 * minute,
    'start',
    3 * day,
    -20 * day,
  ),
  lasts: some(30 * minute, 2 * hour, 2 * minute, 0, 2 * day, null, null, -20 * minute),
  isCaused: mostly(55, false, true),
  causes: fc.array(
    some(
      'deployment',
      'deployment',
      'sha',
      'sha',
      'listed sha',
      'listed sha',
      'failed sha',
      'old sha',
      'version',
      'wrong id',
      'wrong sha',
      'wrong version',
      'not in production',
    ),
    { minLength: 1, maxLength: 2 },
  ),
  cause: pick,
  deployTriggered: mostly(68, null, true, false),
})

export const run = fc.record({ kind: fc.constant('run' as const), wait: waits, repository: pick })

/** A fact that is delivered again, as it was or changed. */
export const again = fc.record({
  kind: fc.constant('again' as const),
  wait: some(0, hour),
  which: pick,
  how: pick,
})

type Of<T> = T extends fc.Arbitrary<infer Value> ? Value : never
export type CommitAction = Of<typeof commit>
export type PullAction = Of<typeof pull>
export type DeployAction = Of<typeof deploy>
export type IncidentAction = Of<typeof incident>
