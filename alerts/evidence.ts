import { formatDuration } from '../core/duration.ts'
import type { AlertFact } from './message.ts'
import type { MetricName } from './metrics.ts'

/** A stored deployment, change or incident. */
export interface Event {
  /** Epoch ms. */
  at: number
  service: string
  text(field: string): string | undefined
  number(field: string): number | undefined
  isTrue(field: string): boolean
}

/** What is behind a number: which events, the ones that say most first, and what is said of each. */
export interface Evidence {
  measurement: 'dora_deployment' | 'dora_change' | 'dora_incident'
  isBehind(event: Event): boolean
  /** The larger, the more it says. */
  weight(event: Event): number
  tell(event: Event): string
  /** What stands so now is looked for before the window, too. */
  isStanding?: boolean
}

const latest = ({ at }: Event) => at
const duration = (seconds: number) => formatDuration(Math.round(seconds / 60) * 60_000)

const deployments: Evidence = {
  measurement: 'dora_deployment',
  isBehind: () => true,
  weight: latest,
  tell: (event) => `${named(event)}${outcomeOf(event)}`,
}

const failures: Evidence = {
  ...deployments,
  isBehind: (event) => event.isTrue('failed'),
  tell: (event) => `${named(event)} failed${recoveryOf(event)}`,
}

const open: Evidence = {
  ...failures,
  isBehind: (event) => event.isTrue('open'),
  weight: ({ at }) => -at,
  tell: (event) => `${named(event)} failed and has not recovered`,
  isStanding: true,
}

/** The changes or deployments with the largest values of a field. */
function largest(
  measurement: Evidence['measurement'],
  field: string,
  tell: (event: Event, value: number) => string,
): Evidence {
  return {
    measurement,
    isBehind: (event) => event.number(field) !== undefined && event.text('excluded') === undefined,
    weight: (event) => event.number(field)!,
    tell: (event) => tell(event, event.number(field)!),
  }
}

const ofChange = (field: string, what: string) =>
  largest(
    'dora_change',
    field,
    (event, value) => `change ${short(event.text('id'))}: ${what} ${duration(value)}`,
  )

const evidence: Partial<Record<MetricName, Evidence>> = {
  deploymentFrequency: deployments,
  deployments,
  sinceLastDeployment: { ...deployments, isStanding: true },
  changeFailRate: failures,
  openFailures: open,
  oldestOpenFailure: open,
  failureStreak: { ...failures, isStanding: true },
  rollbacks: {
    ...deployments,
    isBehind: (event) => event.text('kind') === 'rollback',
    tell: (event) => `${named(event)} is a rollback`,
  },
  incidentRecovery: largest(
    'dora_incident',
    'recovery_s',
    (event, value) => `incident ${event.text('id')} was over after ${duration(value)}`,
  ),
  reworkRate: {
    ...deployments,
    // A rollback is rework, too.
    isBehind: (event) => ['rework', 'rollback'].includes(event.text('kind') ?? ''),
    tell: (event) => `${named(event)} is ${event.text('kind') === 'rework' ? 'rework' : 'a rollback'}`,
  },
  recoveryTime: largest(
    'dora_deployment',
    'recovery_s',
    (event, value) => `${named(event)} recovered after ${duration(value)}`,
  ),
  leadTime: ofChange('lead_time_s', 'lead time'),
  coding: ofChange('coding_s', 'coding'),
  pickup: ofChange('pickup_s', 'pickup'),
  review: ofChange('review_s', 'review'),
  deploy: ofChange('deploy_s', 'deploy'),
  deploymentSize: largest(
    'dora_deployment',
    'changes',
    (event, value) => `${named(event)} shipped ${value} changes`,
  ),
  incidents: {
    measurement: 'dora_incident',
    isBehind: () => true,
    weight: latest,
    tell: (event) => {
      const severity = event.text('severity')
      const incident = `incident ${event.text('id')}${severity === undefined ? '' : ` (${severity})`}`
      if (event.isTrue('open')) return `${incident} is open`
      const recovery = event.number('recovery_s')
      return recovery === undefined ? incident : `${incident} was over after ${duration(recovery)}`
    },
  },
}

/** What can be told of a metric; undefined where nothing stored is behind it. */
export function evidenceOf(metric: MetricName): Evidence | undefined {
  return evidence[metric]
}

/** What `dorado explain` calls a metric; undefined for what it tells nothing of. */
export function explainedName(metric: MetricName): string | undefined {
  switch (metric) {
    case 'deployments':
    case 'rollbacks':
      return 'deploymentFrequency'
    case 'incidentRecovery':
      return 'incidents'
    case 'reviewTimeXs':
    case 'reviewTimeS':
    case 'reviewTimeM':
    case 'reviewTimeL':
      return 'reviewTime'
    case 'weekendMerges':
      return 'weekend'
    case 'qualityFindings':
    case 'sourceLag':
    case 'sinkLag':
    case 'sinkBacklog':
      return undefined
    default:
      return metric
  }
}

/** An event with what it says. */
export interface Weighed {
  event: Event
  weight: number
}

/** Those that say most, of some that are known already and of others: so that never all have to be at hand. */
export function foremost(
  { isBehind, weight }: Evidence,
  known: readonly Weighed[],
  events: readonly Event[],
  most: number,
): Weighed[] {
  const more = events.filter(isBehind).map((event) => ({ event, weight: weight(event) }))
  return [...known, ...more].sort((a, b) => b.weight - a.weight || b.event.at - a.event.at).slice(0, most)
}

/** The facts behind a number. `namesService`: of a team's numbers it is said whose each is. */
export function factsOf(
  { tell }: Evidence,
  weighed: readonly Weighed[],
  { namesService }: { namesService: boolean },
): AlertFact[] {
  return weighed.map(({ event }): AlertFact => {
    const url = event.text('url')
    const text = namesService ? `${event.service}: ${tell(event)}` : tell(event)
    return { text, at: event.at, ...(url === undefined ? {} : { url }) }
  })
}

function named(event: Event): string {
  return `deployment ${event.text('version') ?? short(event.text('id'))}`
}

function outcomeOf(event: Event): string {
  if (event.isTrue('failed')) return ` failed${recoveryOf(event)}`
  return event.text('outcome') === 'failure' ? ' did not succeed' : ''
}

function recoveryOf(event: Event): string {
  const seconds = event.number('recovery_s')
  return seconds === undefined ? '' : `, recovered after ${duration(seconds)}`
}

/** A commit's hash is known by its beginning. */
function short(id: string | undefined): string {
  return id === undefined ? '' : id.replace(/^[0-9a-f]{40,64}$/, (sha) => sha.slice(0, 10))
}
