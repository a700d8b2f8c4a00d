import { clockStart, firstAuthored } from './changes.ts'
import { at, type ChangeFact } from './facts.ts'
import type { Note } from './rules.ts'
import type { Settings } from './settings.ts'
import type { ShippedChange } from './shipping.ts'

/** A deployment that collects its lead times, in milliseconds. */
export interface Sampled {
  finishedAt: number
  leadTimes: number[]
  excludedBots: number
}

/** The sample that a shipped change gives, if it gives one. */
export function sample(
  story: Sampled,
  settings: Settings,
  shipped: ShippedChange,
  list: (kind: string, subject: string, detail: string) => void,
  note: Note,
): void {
  const start = clockStart(settings, shipped, note)
  if (start === null || shipped.kind === 'unknown') return
  // "Changes by bots give no lead-time or review samples by default …; configurable per metric, and the
  // number left out is reported. They are not examined for negative times either."
  const isBot = shipped.kind === 'change' ? shipped.change.isBot : shipped.commit.isBot === true
  if (isBot && settings.bots.leadTime === 'excluded') {
    note('bot: left out')
    story.excludedBots += 1
    return
  }
  if (isBot) note('bot: counted')
  const subject = shipped.kind === 'change' ? shipped.change.id : shipped.commit.sha
  const taken = takeSample(story, start, subject, list, note)
  if (taken && shipped.kind === 'change') examinePhases(story, shipped.change, list, note)
}

/** "A negative total is no sample: it is rejected and listed as `negative_lead_time`." */
export function takeSample(
  story: Sampled,
  start: number,
  subject: string,
  list: (kind: string, subject: string, detail: string) => void,
  note: Note,
): boolean {
  const total = story.finishedAt - start
  if (total < 0) {
    note('lead time: negative')
    const from = new Date(start).toISOString()
    list('negative_lead_time', subject, `from ${from} to ${new Date(story.finishedAt).toISOString()}`)
    return false
  }
  if (total === 0) note('lead time: zero')
  story.leadTimes.push(total)
  return true
}

/** "A phase whose end precedes its start counts 0 and is listed as `phase_out_of_order`." */
function examinePhases(
  story: Sampled,
  change: ChangeFact,
  list: (kind: string, subject: string, detail: string) => void,
  note: Note,
): void {
  const authored = firstAuthored(change)
  const reviewed = change.firstReviewAt === undefined ? null : at(change.firstReviewAt)
  const opened = at(change.openedAt)
  const ready = change.readyAt === undefined ? opened : at(change.readyAt)
  const merged = at(change.mergedAt)
  const phases: ['coding' | 'pickup' | 'review' | 'deploy', number | null, number | null][] = [
    ['coding', authored, opened],
    ['pickup', ready, reviewed],
    ['review', reviewed, merged],
    ['deploy', merged, story.finishedAt],
  ]
  for (const [phase, start, end] of phases) {
    if (start === null || end === null || end >= start) continue
    note(`phase out of order: ${phase}`)
    list('phase_out_of_order', change.id, `${phase} ends before it begins`)
  }
}
