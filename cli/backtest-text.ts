import Table from 'cli-table3'
import type { Firing } from '../alerts/backtest.ts'
import { thresholdText } from '../alerts/backtest-sweep.ts'
import { metricOf } from '../alerts/metrics.ts'
import { formatQuantity } from '../alerts/quantity.ts'
import type { Rule } from '../alerts/rule.ts'
import { subjectText } from '../alerts/tell.ts'
import { dayMs, hourMs, isoOf, type Calendar } from '../core/calendar.ts'
import { formatDuration } from '../core/duration.ts'
import type { Backtested } from '../pipeline/backtest.ts'
import { chartOf, eachOf } from './chart.ts'
import { ruleText } from '../alerts/rule-text.ts'

/** Of a long list of subjects so many are shown. */
const subjectsShown = 10

/** What a rule would have done, for people: each firing, then what they come to. */
export function backtestText(tested: Backtested, width: number, calendar: Calendar): string {
  const { rule, span, firings, summary } = tested
  const head = `${rule.name}: ${ruleText(rule)}`
  if (span === undefined)
    return `${head}\nNothing is stored of it in that time: there is nothing to try it on.`
  const days = `${dayText(span.from, calendar)} to ${dayText(span.to, calendar)}`
  const fired = firings.length === 0 ? 'It would not have fired.' : firedText(tested)
  const parts = [`${head}\n${days}. ${fired}\n${lookedAtText(tested, calendar)}`]
  if (firings.length > 0) {
    parts.push(
      firingsTable(tested, calendar),
      chartText(tested, width, calendar),
      monthsText(summary.months),
      subjectsTable(tested),
    )
  }
  if (tested.everyMs !== undefined) parts.push(sweepTable(tested))
  return parts.join('\n\n')
}

function firedText({ firings, summary }: Backtested): string {
  const times = firings.length === 1 ? 'once' : `${firings.length} times`
  const subjects = summary.subjects.length
  return `It would have fired ${times}, of ${subjects} ${subjects === 1 ? 'subject' : 'subjects'}; ${share(summary.share)} of the time something fires.`
}

/** How the past differs from what is evaluated hour by hour. */
function lookedAtText({ rule, slots, everyMs }: Backtested, { timezone }: Calendar): string {
  if (everyMs === undefined) return 'Only one instant is stored of it: what it was before cannot be told.'
  if (everyMs < 2 * hourMs) return `It is tried on ${slots} instants, an hour apart, as live.`
  const isDaily = everyMs < 2 * dayMs
  const unit = isDaily ? 'day' : 'week'
  const lines = [
    `A past ${unit} is looked at once, at its end (${timezone}), with what is known of it now: ${slots} ends of ${unit}s.`,
    `Live it is every hour: what came and went within a ${unit} is not seen here, and live it fires up to a ${unit} earlier.`,
  ]
  const looks = Math.ceil(rule.forMs / everyMs) + 1
  if (rule.forMs > 0)
    lines.push(
      `for: ${formatDuration(rule.forMs)} therefore asks for a breach at the ends of ${looks} ${unit}s in a row.`,
    )
  if (rule.keepFiringForMs > 0) {
    const good = Math.ceil(rule.keepFiringForMs / everyMs) + 1
    lines.push(
      `keepFiringFor: ${formatDuration(rule.keepFiringForMs)} therefore asks for ${good} good ends of ${unit}s in a row.`,
    )
  }
  return lines.join('\n')
}

function firingsTable({ rule, firings, span }: Backtested, calendar: Calendar): string {
  const table = tableOf(['From', 'To', 'Lasted', 'Severity', 'Worst', 'Of'])
  for (const firing of firings) {
    const { from, to, severity, held } = firing
    const still = held ? `held since ${dayText(held.since, calendar)}: ${held.reason}` : 'still'
    const end = to === undefined ? still : dayText(to, calendar)
    const lasted = formatDuration((to ?? span!.to) - from)
    table.push([
      dayText(from, calendar),
      end,
      lasted,
      severity,
      worstText(firing, rule),
      subjectText(firing.subject),
    ])
  }
  return table.toString()
}

function worstText({ worst, reason }: Firing, rule: Rule): string {
  return worst === undefined ? (reason ?? '–') : formatQuantity(worst, metricOf(rule.metric).unit)
}

function chartText({ summary: { days } }: Backtested, width: number, calendar: Calendar): string {
  const each = eachOf(days.length, width - 8, [1, 2, 7, 28])
  const unit = { 1: 'day', 2: 'two days', 7: 'week', 28: 'four weeks' }[each]!
  const title =
    each === 1 ? 'Firing at the end of each day:' : `Firing at the end of a day, the most of every ${unit}:`
  const chart = chartOf(
    days.map(({ firing }) => firing),
    { width, each, labels: [dayText(days[0]!.at, calendar), dayText(days.at(-1)!.at, calendar)] },
  )
  return `${title}\n${chart}`
}

function monthsText(months: Backtested['summary']['months']): string {
  return `Fired in ${months.map(({ month, fired }) => `${month}: ${fired}`).join(', ')}`
}

function subjectsTable({ summary: { subjects }, firings }: Backtested): string {
  const table = tableOf(['Of', 'Fired', 'Of the time'])
  const named = new Map(firings.map((firing) => [JSON.stringify(firing.labels), subjectText(firing.subject)]))
  for (const { labels, fired, share: part } of subjects.slice(0, subjectsShown))
    table.push([named.get(JSON.stringify(labels))!, String(fired), share(part)])
  const more = subjects.length - subjectsShown
  return more > 0 ? `${table.toString()}\nand ${more} more` : table.toString()
}

function sweepTable({ rule, sweep }: Backtested): string {
  const table = tableOf(['Threshold', 'Fired', 'Of the time', ''])
  for (const { threshold, isOwn, fired, share: part } of sweep)
    table.push([thresholdText(rule, threshold), String(fired), share(part), isOwn ? '← as it is' : ''])
  return table.toString()
}

function tableOf(head: string[]) {
  return new Table({ head, style: { head: [], border: [], compact: true } })
}

function share(part: number): string {
  return `${(100 * part).toFixed(1)} %`
}

/** The day that ended then, where it is a midnight; an hour otherwise. */
export function dayText(at: number, { timezone, dayOf }: Calendar): string {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: timezone }).format(at)
  if (dayOf(at) === at) return day
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, timeStyle: 'short' }).format(at)
  return `${day} ${time}`
}

/** The same for programs. */
export function backtestJson({ rule, span, firings, summary, sweep, slots, everyMs }: Backtested): object {
  const instant = (at: number | undefined) => (at === undefined ? null : isoOf(at))
  return {
    rule: rule.name,
    metric: rule.metric,
    from: instant(span?.from),
    to: instant(span?.to),
    instants: slots,
    everySeconds: everyMs === undefined ? null : everyMs / 1000,
    fired: summary.fired,
    share: summary.share,
    firings: firings.map(({ labels, from, to, severity, worst, reason, held }) => ({
      labels,
      severity,
      from: isoOf(from),
      to: instant(to),
      worst: worst ?? null,
      ...(reason === undefined ? {} : { reason }),
      ...(held === undefined ? {} : { heldSince: isoOf(held.since), heldBecause: held.reason }),
    })),
    months: summary.months,
    subjects: summary.subjects,
    days: summary.days.map(({ at, firing }) => ({ at: isoOf(at), firing })),
    sweep,
  }
}
