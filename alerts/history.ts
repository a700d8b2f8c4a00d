import type { SlotPoints, Subject } from './observation.ts'
import type { Rule } from './rule.ts'

/** What is known of the past, as rules that compare ask for it: the store's points, or those of a trial. */
export interface History {
  /** The points that a rule reads, as of an instant. */
  at(rule: Rule, instant: number): Promise<SlotPoints>
  /**
   * The values in [from, to) that the metric of a rule is made of, of one service and environment: of a rate 1 for what
   * counts and 0 for what does not. Undefined where nothing is known of what it is made of.
   */
  samples(rule: Rule, subject: Subject, from: number, to: number): Promise<Float64Array | undefined>
}
