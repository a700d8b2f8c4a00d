import type { BotChoices } from '../core/bots.ts'
import { lowerBound } from '../core/statistics.ts'
import type { WindowEvents } from './window-events.ts'

/** Window events of what was observed, with what does not count taken out: NaN in its column. */
export interface CountedEvents extends Omit<
  WindowEvents,
  'changeCount' | 'botCount' | 'batchAgeOfPeopleMs' | 'leadIsBot' | 'openSince'
> {
  /** Changes that each deployment shipped: 0 for nothing, NaN where it failed or nobody knows. */
  deploymentSize: Float64Array
  /** Changes by bots that were left out of size and age, by deployment. */
  leftOutOfSize: Float64Array
  leftOutOfAge: Float64Array
  /** Bits: of which metrics a shipped change by a bot was left out. */
  leadLeftOut: Uint8Array
}

/** Bits of leadLeftOut. */
export const leftOutOfLeadTime = 1
export const leftOutOfFlow = 2
export const leftOutOfReviewTime = 4

/** Rows of each group of columns: from the first, to before the end. */
interface Ranges {
  deployments: [first: number, end: number]
  leads: [first: number, end: number]
  failures: [first: number, end: number]
  incidents: [first: number, end: number]
}

/** The last answer for each: from hour to hour, most services get the same. */
const answers = new WeakMap<WindowEvents, { question: string; events: CountedEvents }>()

/** What lies in [from, until); incidents, and what depends on them, only before `incidentsUntil`. */
export function counted(
  events: WindowEvents,
  { from, until, incidentsUntil }: { from: number; until: number; incidentsUntil: number },
  bots: BotChoices,
): CountedEvents {
  const ranges: Ranges = {
    deployments: rangeOf(events.deploymentAt, from, until),
    leads: rangeOf(events.leadAt, from, until),
    failures: rangeOf(events.failureAt, from, until),
    incidents: rangeOf(events.incidentAt, from, Math.min(until, incidentsUntil)),
  }
  const question = [...Object.values(ranges).flat(), ...Object.values(bots)].join(' ')
  const last = answers.get(events)
  if (last?.question === question) return last.events
  const answer = cut(events, ranges, bots)
  answers.set(events, { question, events: answer })
  return answer
}

function cut(
  events: WindowEvents,
  { deployments, leads, failures, incidents }: Ranges,
  bots: BotChoices,
): CountedEvents {
  const sizeOfAll = bots.deploymentSize === 'included'
  const ageOfAll = bots.batchAge === 'included'
  const changeCount = events.changeCount.subarray(...deployments)
  const botCount = events.botCount.subarray(...deployments)
  const isBot = events.leadIsBot.subarray(...leads)
  const hasBots = isBot.includes(1)
  const people = (column: Float64Array, metric: keyof BotChoices) => {
    const observed = column.subarray(...leads)
    return hasBots && bots[metric] === 'excluded' ? withoutBots(observed, isBot) : observed
  }
  const coding = once(() => people(events.codingMs, 'flow'))
  const pickup = once(() => people(events.pickupMs, 'flow'))
  const review = once(() => people(events.reviewMs, 'flow'))
  const deploy = once(() => people(events.deployMs, 'flow'))
  const reviewTime = once(() => people(events.reviewTimeMs, 'reviewTime'))
  return {
    environment: events.environment,
    deploymentAt: events.deploymentAt.subarray(...deployments),
    deploymentFlags: events.deploymentFlags.subarray(...deployments),
    deploymentSize: sizeOfAll ? changeCount : changeCount.map((count, row) => count - botCount[row]!),
    leftOutOfSize: sizeOfAll ? new Float64Array(botCount.length) : botCount,
    batchAgeMs: (ageOfAll ? events.batchAgeMs : events.batchAgeOfPeopleMs).subarray(...deployments),
    leftOutOfAge: ageOfAll ? new Float64Array(botCount.length) : botCount,
    leadAt: events.leadAt.subarray(...leads),
    leadMs: people(events.leadMs, 'leadTime'),
    leadLeftOut: leftOut(isBot, bots),
    leadBucket: events.leadBucket.subarray(...leads),
    // Most windows are asked of the running hour, and that is never about these.
    get codingMs() {
      return coding()
    },
    get pickupMs() {
      return pickup()
    },
    get reviewMs() {
      return review()
    },
    get deployMs() {
      return deploy()
    },
    get reviewTimeMs() {
      return reviewTime()
    },
    failureAt: events.failureAt.subarray(...failures),
    failureOpen: events.failureOpen.subarray(...failures),
    recoveryMs: events.recoveryMs.subarray(...failures),
    fromDeploymentMs: events.fromDeploymentMs.subarray(...failures),
    incidentAt: events.incidentAt.subarray(...incidents),
    incidentAttributed: events.incidentAttributed.subarray(...incidents),
    incidentMs: events.incidentMs.subarray(...incidents),
    sharedDeployments: shifted(events.sharedDeployments, deployments),
    sharedFailures: shifted(events.sharedFailures, failures),
    sharedIncidents: shifted(events.sharedIncidents, incidents),
  }
}

function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined
  return () => (made ??= make())
}

export function rangeOf(at: Float64Array, from: number, until: number): [first: number, end: number] {
  const first = lowerBound(at, from)
  return [first, Math.max(first, lowerBound(at, until))]
}

function withoutBots(column: Float64Array, isBot: Uint8Array): Float64Array {
  const people = column.slice()
  for (let row = 0; row < people.length; row += 1) if (isBot[row] === 1) people[row] = NaN
  return people
}

function leftOut(isBot: Uint8Array, bots: BotChoices): Uint8Array {
  const bits =
    (bots.leadTime === 'excluded' ? leftOutOfLeadTime : 0) |
    (bots.flow === 'excluded' ? leftOutOfFlow : 0) |
    (bots.reviewTime === 'excluded' ? leftOutOfReviewTime : 0)
  const column = new Uint8Array(isBot.length)
  for (let row = 0; row < column.length; row += 1) if (isBot[row] === 1) column[row] = bits
  return column
}

function shifted(keys: Map<number, string>, [first, end]: [number, number]): Map<number, string> {
  if (keys.size === 0) return keys
  const inside = [...keys].filter(([position]) => position >= first && position < end)
  return new Map(inside.map(([position, key]) => [position - first, key]))
}
