import type { Note } from './rules.ts'
import type { Entry, Story } from './replay.ts'
import { duration } from './settings.ts'

/** "a remediation follows, to the same service and environment": every remediation marks at most one. */
export function markRemediated(entry: Entry, note: Note): void {
  for (const [position, story] of entry.stories.entries()) {
    const target = remediated(entry, story, entry.stories.slice(0, position), note)
    target?.markedBy.push(story)
  }
}

function remediated(entry: Entry, story: Story, earlier: Story[], note: Note): Story | null {
  if (story.isRollback && story.deploysLive) {
    // "If it deploys the commit that is live anyway, it takes back a rollout that failed halfway: then it
    // marks the latest failed one before it, and nothing where there is none."
    const target = earlier.findLast((other) => !other.success) ?? null
    note(target === null ? 'marks: nothing failed halfway' : 'marks: what failed halfway')
    return target
  }
  if (story.isRollback) {
    // "A *rollback* marks the deployment it takes back: the latest earlier successful one that is no redeploy
    // (a bad hotfix, or a rollback to something bad, fails like any other)."
    const target = earlier.findLast((other) => other.success && !other.isRedeploy) ?? null
    if (target === null) note('marks: nothing to take back')
    else note(target.isRework ? 'marks: a remediation that was bad' : 'marks: what it takes back')
    return target
  }
  if (story.isRework) {
    // "Other *rework* marks the latest earlier deployment, successful or failed, that is neither rollback,
    // rework nor redeploy, if that finished at most `remediationWindow` (default 7 d) before it."
    const target = earlier.findLast((other) => !other.isRollback && !other.isRework && !other.isRedeploy)
    if (target === undefined) return null
    const age = story.finishedAt - target.finishedAt
    const limit = duration(entry.settings.remediationWindow)
    if (age === limit) note('marks: exactly at the end of the remediation window')
    if (age > limit) note('marks: none, it is too old')
    else note(target.success ? 'marks: what the rework repairs' : 'marks: a failed one that rework repairs')
    return age <= limit ? target : null
  }
  return null
}

/** How a failed deployment's recovery ended, as instants; what leads is decided by the report. */
export type Recovery =
  | { state: 'recovered'; from: number; to: number }
  | { state: 'open'; from: number }
  | { state: 'unknown' }

/** "a finished production deployment has failed if any of these holds; it fails once, however many do" */
export function hasFailed(story: Story): boolean {
  return !story.success || story.incidents.length > 0 || story.markedBy.length > 0
}

/** "from the start of the impact to its end", with the data-quality findings that come of it. */
export function recovery(
  entry: Entry,
  story: Story,
  note: Note,
): { recovery: Recovery; finding: string | null } {
  const nextSuccess = (after: Story) =>
    entry.stories.slice(entry.stories.indexOf(after) + 1).find((other) => other.success)?.finishedAt ?? null

  if (story.incidents.length > 0) {
    // "Start: the earliest `startedAt` of the incidents attributed to it"; "End: the latest `resolvedAt` of
    // those incidents"; "While an incident is open … it is not recovered".
    const from = Math.min(...story.incidents.map((incident) => Date.parse(incident.startedAt)))
    const ends = story.incidents.map((incident) =>
      incident.resolvedAt === undefined ? null : Date.parse(incident.resolvedAt),
    )
    if (ends.includes(null)) {
      note('recovery: an incident is open')
      return { recovery: { state: 'open', from }, finding: null }
    }
    const to = Math.max(...ends.map(Number))
    if (to < from) {
      // "A recovery that would end before it began is no sample and is listed as `negative_recovery`."
      note('recovery: negative')
      return { recovery: { state: 'unknown' }, finding: 'negative_recovery' }
    }
    note(story.incidents.length > 1 ? 'recovery: by several incidents' : 'recovery: by an incident')
    return { recovery: { state: 'recovered', from, to }, finding: null }
  }

  if (!story.success) {
    // "for an outcome `failure` the finish of the next successful deployment to the same service and
    // environment"
    const to = nextSuccess(story)
    note(to === null ? 'recovery: no success has followed' : 'recovery: by the next success')
    if (to === null) return { recovery: { state: 'open', from: story.finishedAt }, finding: null }
    return { recovery: { state: 'recovered', from: story.finishedAt, to }, finding: null }
  }

  // "for one that succeeded and was remediated the finish of the first remediation that marked it"
  const remediation = story.markedBy[0]
  if (remediation === undefined) throw new Error(`${story.deployment.id} has not failed`)
  if (remediation.finishedAt - story.finishedAt > duration(entry.settings.remediationWindow)) {
    // "if that remediation came later than `remediationWindow`, nobody knows when the impact began: no
    // sample, listed as `recovery_unknown`."
    note('recovery: unknown, the remediation came late')
    return { recovery: { state: 'unknown' }, finding: 'recovery_unknown' }
  }
  // "(or of the first success after that, if it did not succeed)"
  const to = remediation.success ? remediation.finishedAt : nextSuccess(remediation)
  if (remediation.success) note('recovery: by the remediation')
  else
    note(
      to === null ? 'recovery: the remediation failed, open' : 'recovery: the success after the remediation',
    )
  if (to === null) return { recovery: { state: 'open', from: story.finishedAt }, finding: null }
  return { recovery: { state: 'recovered', from: story.finishedAt, to }, finding: null }
}
