import type { Check } from '../core/check.ts'
import type { Fact, FactKey, FactKind } from '../core/fact.ts'
import type { Io } from '../core/io.ts'

export type { Check }

/** A row that gave no fact, and why. Nothing is dropped without one. */
export interface Skipped {
  /** What a person would look for: the row's id or URL. */
  row: string
  reason: string
  /** A line of a file, which is read once. */
  isLine?: true
  /** The next run reads it again by itself. */
  isPassing?: true
}

/** What is stored in one transaction. */
export interface Page {
  facts: Fact[]
  /** What disappeared at the source, or no longer counts. */
  removals?: FactKey[]
  skipped?: Skipped[]
  /**
   * Where the next run may go on once this page is stored, in the extractor's own words. Never ahead of
   * what was yielded: a run that dies after this page repeats work and loses none.
   */
  cursor?: string
}

/** What a run starts from. */
export interface Since {
  /** The last stored page's cursor; absent in the first run. */
  cursor?: string
  /** Epoch ms from which history is wanted: the configured `since`, or that of a backfill. */
  from: number
  /** The stored facts of this source that are not finished: running deployments and runs, open incidents. */
  open(kind: FactKind): Promise<Fact[]>
  /** The ids of the stored facts of this source whose main instant is at or after `from`: what a sweep compares with. */
  stored(kind: FactKind, from: number): Promise<string[]>
  /** Whether a service counts only some paths of this repository, so that its commits need theirs. */
  wantsPaths?(repository: string): boolean
}

/** Requests and budget of one run, for the pipeline's own points. */
export interface Usage {
  requests: number
  rateLimitRemaining?: number
}

export interface Extractor {
  /** The configured name of the source; facts carry it as `source`. */
  name: string
  yields: readonly FactKind[]
  /** Whether it reads this repository; a source that cannot say is taken to concern every service. */
  covers?(repository: string): boolean
  /**
   * Pages from the cursor to now. Throws what core/errors.ts names when the source fails; what was yielded
   * before remains stored.
   */
  extract(since: Since, io: Io): AsyncIterable<Page>
  /** Every token, permission and repository: works, or what is wrong. Never throws. */
  check(io: Io): Promise<Check[]>
  usage(): Usage
}
