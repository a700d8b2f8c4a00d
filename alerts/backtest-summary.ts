import type { Calendar } from '../core/calendar.ts'
import type { Firing } from './backtest.ts'

/** In [from, to]. Epoch ms. */
export interface Span {
  from: number
  to: number
}

/** What is to be told of firings in a span, beside each of them. */
export interface Summary {
  fired: number
  /** Of the time in which anything fired; 0 to 1. */
  share: number
  months: { month: string; fired: number }[]
  /** Those that fired most often first. */
  subjects: { labels: Firing['labels']; fired: number; share: number }[]
  /** How many subjects fired at the start of each local day, and at the end of the span. */
  days: { at: number; firing: number }[]
}

export function summarize(firings: readonly Firing[], span: Span, calendar: Calendar): Summary {
  return {
    fired: firings.length,
    share: shareOf(firings, span),
    months: monthsOf(firings, span, calendar),
    subjects: [...Map.groupBy(firings, ({ labels }) => JSON.stringify(labels)).values()]
      .map((own) => ({ labels: own[0]!.labels, fired: own.length, share: shareOf(own, span) }))
      .sort((a, b) => b.fired - a.fired || b.share - a.share),
    days: daysOf(firings, span, calendar),
  }
}

/** The share of a span in which at least one of them fired. */
export function shareOf(firings: readonly Firing[], span: Span): number {
  let covered = 0
  let until = span.from
  for (const { from, to = span.to } of firings.toSorted((a, b) => a.from - b.from)) {
    const end = Math.min(to, span.to)
    covered += Math.max(0, end - Math.max(from, until))
    until = Math.max(until, end)
  }
  return span.to > span.from ? covered / (span.to - span.from) : 0
}

/** Every month of the span, also those in which nothing fired. */
function monthsOf(firings: readonly Firing[], { from, to }: Span, { timezone, midnights }: Calendar) {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, year: 'numeric', month: '2-digit' })
  const monthOf = (at: number) => format.format(at)
  const counts = new Map<string, number>()
  for (const at of [from, ...midnights(from, to), to]) counts.set(monthOf(at), 0)
  for (const firing of firings) counts.set(monthOf(firing.from), counts.get(monthOf(firing.from))! + 1)
  return [...counts].map(([month, fired]) => ({ month, fired }))
}

function daysOf(firings: readonly Firing[], { from, to }: Span, { midnights }: Calendar) {
  const instants = [...new Set([...midnights(from, to), to])]
  const changes = firings.flatMap((firing) => [
    { at: firing.from, by: 1 },
    ...(firing.to === undefined ? [] : [{ at: firing.to, by: -1 }]),
  ])
  changes.sort((a, b) => a.at - b.at)
  let next = 0
  let firing = 0
  return instants.map((at) => {
    for (; next < changes.length && changes[next]!.at <= at; next += 1) firing += changes[next]!.by
    return { at, firing }
  })
}
