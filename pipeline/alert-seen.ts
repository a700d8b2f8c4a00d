import type { Rule } from '../alerts/rule.ts'
import type { Store } from '../store/store.ts'
import { stampOf } from './stamp.ts'

/**
 * What an evaluation leaves for the next one, written together with it: where the evaluation is lost in a crash, so is
 * this, and the next one takes its place.
 */
export interface Seen {
  /** When the last restatement was found that it saw, epoch ms: what comes later is new to the next. */
  restatedAt: number
  /** What each rule asked, by name. */
  rules: Readonly<Record<string, string>>
}

/** What the last evaluation saw; undefined before the first. */
export async function seenBefore({ alerts }: Pick<Store, 'alerts'>): Promise<Seen | undefined> {
  const text = await alerts.seen()
  return text === undefined ? undefined : (JSON.parse(text) as Seen)
}

/**
 * What there is to be seen now. Asked for after the points were read: a restatement that comes between is taken as seen,
 * which costs a mark; the other way round there would be one too many.
 */
export async function seenNow(
  { restatements }: Pick<Store, 'restatements'>,
  rules: readonly Rule[],
): Promise<Seen> {
  return {
    restatedAt: (await restatements.lastAt()) ?? 0,
    rules: Object.fromEntries(rules.map((rule) => [rule.name, ruleStamp(rule)])),
  }
}

/** Changes with everything that decides when a rule fires, and not with what its messages say. */
export function ruleStamp(rule: Rule): string {
  const { message: _, runbook: __, ...decisive } = rule
  return stampOf(decisive)
}
