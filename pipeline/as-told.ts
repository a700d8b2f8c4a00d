import { metricOf } from '../alerts/metrics.ts'
import type { SlotPoints, Subject } from '../alerts/observation.ts'
import type { Rule } from '../alerts/rule.ts'
import { dayMs } from '../core/calendar.ts'
import type { PoolRestatement, RestatedWindows, Restatement } from '../core/restatement.ts'

/** Facts that came late, and what they changed in windows of services, teams and the organisation. */
export interface Late {
  services: readonly Restatement[]
  pools: readonly PoolRestatement[]
}

/** What the windows that were restated said before. */
export interface AsTold {
  /** Whether the last windows that were restated around a subject ended then, with another number of the rule. */
  hasMoved(rule: Rule, subject: Subject, end: number): boolean
  /** Whether windows around a subject that end then were restated. */
  isRestated(rule: Rule, subject: Subject, end: number): boolean
  /** The points of an end as they were told; what was not restated, or whose last windows ended otherwise, is as it is. */
  pointsOf(points: SlotPoints, end: number): SlotPoints
}

/** Of windows of one length of one subject. */
interface Told {
  spans: RestatedWindows[]
  /** By end and field, as it was before the first of the restatements. */
  before: Map<number, Map<string, string | null>>
}

/** What tells windows apart: of a service its name, of a pool its team. */
export function placeOf({ service = '*', team = '*', environment = '*' }: Place): string {
  return `${service}\n${service === '*' ? team : ''}\n${environment}`
}

/** As tags or labels name it; what is not named is all. */
type Place = { readonly [Name in 'service' | 'team' | 'environment']?: string | undefined }

/** What was told of the windows before they were restated, the earlier of `late` first. */
export function asTold({ services, pools }: Late): AsTold {
  const told = new Map<string, Told>()
  const take = (owner: { service: string } | { team: string }, windows: readonly RestatedWindows[]) => {
    for (const each of windows) {
      const key = `${placeOf({ ...owner, environment: each.environment })}\n${each.days}d`
      let known = told.get(key)
      if (!known) told.set(key, (known = { spans: [], before: new Map() }))
      known.spans.push(each)
      const fields = known.before.get(each.last) ?? new Map<string, string | null>()
      known.before.set(each.last, fields)
      // What a later restatement took the place of was told by nobody.
      for (const [name, [before]] of Object.entries(each.fields))
        if (!fields.has(name)) fields.set(name, before)
    }
  }
  for (const { service, windows } of services) take({ service }, windows)
  for (const { team, windows } of pools) take({ team }, windows)
  const toldOf = (rule: Rule, subject: Subject) => told.get(`${placeOf(subject)}\n${rule.windowDays}d`)

  return {
    hasMoved(rule, subject, end) {
      const fields = toldOf(rule, subject)?.before.get(end)
      return fields !== undefined && fieldsOf(rule).some((name) => fields.has(name))
    },
    isRestated: (rule, subject, end) =>
      toldOf(rule, subject)?.spans.some(({ first, last }) => first <= end && end <= last) ?? false,
    pointsOf(points, end) {
      return {
        of: (measurement, window) =>
          points.of(measurement, window).map((point) => {
            const fields = told.get(`${placeOf(point.tags)}\n${point.tags['window']}`)?.before.get(end)
            if (!fields) return point
            const number = (field: string) => {
              const before = fields.get(field)
              if (before === undefined) return point.number(field)
              return before === null ? undefined : Number.parseFloat(before)
            }
            return { tags: point.tags, number }
          }),
      }
    },
  }
}

/** The restatements of services that changed the number of a rule in the windows that end then. */
export function reasonsOf(
  { services }: Late,
  rule: Rule,
  { service, team, environment }: Subject,
  { end, teamOf }: { end: number; teamOf: (service: string) => string | null },
): Restatement[] {
  const isPart = (name: string) =>
    service === '*' ? team === '*' || teamOf(name) === team : name === service
  const names = fieldsOf(rule)
  return services.filter(
    (each) =>
      isPart(each.service) &&
      each.windows.some(
        (windows) =>
          windows.days === rule.windowDays &&
          [windows.environment, '*'].includes(environment) &&
          // Of a pool the days of a service may end in another zone.
          (service === '*' ? Math.abs(end - windows.last) < dayMs : windows.last === end) &&
          names.some((name) => Object.hasOwn(windows.fields, name)),
      ),
  )
}

/** What came late, in words: not what is of another environment only, which is no part of the number. */
export function whyOf(restatements: readonly Restatement[], { environment }: Subject): string {
  const isElsewhere = ({ effects }: Restatement, { kind, id }: Restatement['facts'][number]) => {
    const own = effects.filter((effect) => effect.kind === kind && effect.id === id)
    return environment !== '*' && own.length > 0 && own.every((effect) => effect.environment !== environment)
  }
  const told = restatements.flatMap((each) => each.facts.filter((fact) => !isElsewhere(each, fact)))
  const [fact] = told
  if (fact === undefined) return 'what was known of the past changed'
  const untold = restatements.reduce((sum, { factCount, facts }) => sum + factCount - facts.length, 0)
  const count = told.length + untold
  const text = `${fact.kind} ${fact.id}${fact.removed ? ' was removed' : ' came late'}`
  return count > 1 ? `${text}, and ${count - 1} more` : text
}

/** The fields that decide. Of CI, which has windows, too, nothing is told as restated. */
function fieldsOf(rule: Rule): string[] {
  const { measurement, fields, n, count } = metricOf(rule.metric)
  if (measurement !== 'dora_window' && measurement !== 'dora_flow') return []
  return [fields[rule.aggregate], n, count].filter((name) => name !== undefined)
}
