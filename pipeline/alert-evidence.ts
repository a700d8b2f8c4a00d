import type { Instance } from '../alerts/evaluate.ts'
import { evidenceOf, explainedName, factsOf, foremost, type Event, type Weighed } from '../alerts/evidence.ts'
import type { History } from '../alerts/history.ts'
import type { Alert, AlertFact, AlertValue } from '../alerts/message.ts'
import type { Planned } from '../alerts/notify.ts'
import { keyOf, observationsOf } from '../alerts/observation.ts'
import type { Rule } from '../alerts/rule.ts'
import { trendOf } from '../alerts/trend.ts'
import { calendarOf, isoOf } from '../core/calendar.ts'
import { fieldText } from '../core/field-names.ts'
import { decodeString } from '../core/line-protocol.ts'
import type { OutboxPoint } from '../store/store.ts'
import { ownersOf } from './owners.ts'
import type { Pipeline } from './refresh.ts'
import { tagsOf } from './slot-points.ts'
import { fingerprintOf } from './told-alerts.ts'

/** Channels show at most so many; the rest is for `explain`. */
const mostFacts = 10
/** Of a message with more, the ones after these are told without: nobody reads a hundred lists. */
const mostAlerts = 20
/** What stands since longer than that is not looked for. */
const standingDays = 180
const weeksBack = [4, 3, 2, 1]

/** What the messages are of. */
interface Behind {
  rules: readonly Rule[]
  /** By key. */
  instances: ReadonlyMap<string, Instance>
  history: History
  slot: number
}

/**
 * Adds what is behind each number that is to be told: the trend, the deployments, changes or incidents it is made of,
 * with links, and how to ask for all of them. Read only for what is told, which is seldom and little.
 */
export async function withEvidence(
  pipeline: Pick<Pipeline, 'store' | 'derivation'>,
  { messages }: Planned,
  { rules, instances, history, slot }: Behind,
): Promise<void> {
  if (messages.length === 0) return
  const explained = evidenceReader(pipeline, history, slot)
  const ruleOf = new Map(rules.map((rule) => [rule.name, rule]))
  const instanceOf = new Map([...instances.values()].map((each) => [fingerprintOf(each.key), each]))
  for (const planned of messages) {
    const alerts: Alert[] = []
    for (const alert of planned.message.alerts) {
      const instance = instanceOf.get(alert.fingerprint)
      const rule = ruleOf.get(alert.rule)
      const isTold = alert.status === 'firing' && alerts.length < mostAlerts
      alerts.push(isTold && instance && rule ? await explained(alert, rule, instance) : alert)
    }
    planned.message = { ...planned.message, alerts }
  }
}

function evidenceReader(
  { store, derivation }: Pick<Pipeline, 'store' | 'derivation'>,
  history: History,
  slot: number,
): (alert: Alert, rule: Rule, instance: Instance) => Promise<Alert> {
  const calendar = calendarOf(derivation.timezone)
  const owners = ownersOf(store, derivation)
  const pasts = new Map<string, Promise<ReadonlyMap<string, number | undefined>>>()

  function valuesAt(rule: Rule, instant: number) {
    const key = `${rule.name} ${instant}`
    const found = pasts.get(key) ?? read(rule, instant)
    pasts.set(key, found)
    return found
  }

  async function read(rule: Rule, instant: number) {
    const observations = observationsOf(rule, await history.at(rule, instant))
    return new Map(observations.map(({ subject, value }) => [keyOf(rule.name, subject), value]))
  }

  async function pastOf(rule: Rule, { key, value }: Instance) {
    if (rule.windowDays === undefined) return []
    const today = calendar.dayOf(slot)
    const at = async (days: number) => (await valuesAt(rule, calendar.daysBefore(today, days))).get(key)
    const windowBefore = await at(rule.windowDays)
    const weeks = []
    for (const back of weeksBack) weeks.push(await at(7 * back))
    return trendOf(rule, value, { windowBefore, weeks })
  }

  async function factsBehind(
    { metric, windowDays }: Rule,
    { subject, value }: Instance,
  ): Promise<AlertFact[]> {
    const evidence = evidenceOf(metric)
    if (evidence === undefined) return []
    const days = evidence.isStanding ? standingDays : (windowDays ?? 1)
    const from = calendarOf(owners.zoneOf(subject.service)).daysBefore(slot, days)
    // Of failures in a row only these.
    const most = metric === 'failureStreak' ? Math.min(mostFacts, value ?? 0) : mostFacts
    let found: Weighed[] = []
    for (const service of await owners.servicesOf(subject)) {
      const points = await store.points.between(evidence.measurement, ['service', service], from, slot)
      // Incidents have no environment: they are of the service.
      const events = points.flatMap((point) => {
        const { environment = '*' } = tagsOf(point.series)
        const isThere =
          [environment, subject.environment].includes('*') || environment === subject.environment
        return isThere ? [eventOf(point, service)] : []
      })
      found = foremost(evidence, found, events, most)
    }
    return factsOf(evidence, found, { namesService: subject.service === '*' })
  }

  return async (alert, rule, instance) => ({
    ...alert,
    values: [
      ...alert.values,
      ...[...(await pastOf(rule, instance)), ...askFor(rule, instance)].map((value): AlertValue => ({
        ...value,
        isEvidence: true,
      })),
    ],
    facts: await factsBehind(rule, instance),
  })
}

/** How to see all of it. */
function askFor(
  { metric, windowDays }: Rule,
  { subject, state }: Instance,
): { name: string; text: string }[] {
  const { service, team, environment, detail } = subject
  const name = explainedName(metric)
  if (name === undefined || !['', '*'].includes(detail)) return []
  const window = windowDays === undefined ? '' : ` --window ${windowDays}d`
  const asOf = ` --as-of ${isoOf(state.at)}`
  const whose = team === '*' ? '' : ` --team ${quoted(team)}`
  if (service === '*') return [{ name: 'All of it', text: `dorado report${whose}${window}${asOf}` }]
  const where = environment === '*' ? '' : ` --environment ${quoted(environment)}`
  return [{ name: 'All of it', text: `dorado explain ${quoted(service)} ${name}${window}${where}${asOf}` }]
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./@:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

function eventOf({ at, fields }: OutboxPoint, service: string): Event {
  return {
    at,
    service,
    text(field) {
      const written = fieldText(fields!, field)
      return written === undefined ? undefined : decodeString(written)
    },
    number(field) {
      const written = fieldText(fields!, field)
      return written === undefined ? undefined : Number.parseFloat(written)
    },
    isTrue: (field) => fieldText(fields!, field) === 'true',
  }
}
