import type { Fact, FactKey, FactKind } from '../core/fact.ts'
import type { PoolRestatement, Restatement } from '../core/restatement.ts'
import type { TestRuns } from '../core/test-runs.ts'
import type { AlertStore } from './alert-store.ts'

/** What a source has been read to. Epoch ms. */
export interface SourceState {
  name: string
  cursor: string | null
  /** Until when its data is complete: the start of its last run that ended well. */
  completeUntil: number | null
  /** Why its last run failed; null where it did not. */
  error: string | null
}

export interface PageToSave {
  facts: readonly Fact[]
  removals?: readonly FactKey[]
  /** Whose cursor is set in the same transaction. */
  cursor?: { source: string; value: string }
}

/** A point of the outbox. `fields` in line protocol, null where it was removed. */
export interface OutboxPoint {
  rev: number
  series: string
  at: number
  nanos: number
  /** How many times it lost a field or came back: an earlier version had what this one has not. */
  losses: number
  fields: string | null
}

export interface PointToSave {
  series: string
  at: number
  nanos: number
  fields: string
  /** Of the running day: the next hour replaces it. */
  passing?: true
}

/** Where a point is: its series and time. */
export interface PointPlace {
  series: string
  at: number
  nanos: number
}

/** A passing point that goes from one time to another. */
export interface Carried {
  series: string
  from: number
  to: number
  /** What it says there; as before where nothing is given. */
  fields?: string
}

export interface SavedPages {
  /** Facts that are new or have new content. */
  changed: number
  removed: number
}

/** A cached history with the stamp under which it is valid. */
export interface StoredHistory {
  stamp: string
  body: Uint8Array
}

/** Facts, cursors, derived points and their delivery. Everything that writes goes through `write`. */
export interface Store {
  readonly facts: FactStore
  readonly points: PointStore
  readonly histories: HistoryStore
  readonly restatements: RestatementStore
  readonly meta: MetaStore
  readonly tests: TestStore
  readonly alerts: AlertStore
  /** All that `work` writes is stored together or not at all; one at a time. */
  write<Result>(work: () => Promise<Result> | Result): Promise<Result>
  close(): void
}

export interface FactStore {
  /** Upserts, removals and the cursor in one transaction; nothing changes where content is the same. */
  save(page: PageToSave): Promise<SavedPages>
  /** Facts of these kinds in a scope (see scope.ts), in no particular order. */
  inScope(scope: string, kinds: readonly FactKind[]): Promise<Fact[]>
  /**
   * Facts of these kinds that came into a scope after one sequence number and until another, or were changed in it;
   * undefined where one was removed, or left the scope.
   */
  addedIn(
    scope: string,
    kinds: readonly FactKind[],
    after: number,
    until: number,
  ): Promise<Fact[] | undefined>
  /** How many facts of a kind are or were in a scope: those that were removed from it are among them. */
  rowsIn(scope: string, kind: FactKind): Promise<number>
  /** All facts that are not removed, by kind, source and id. */
  all(): AsyncIterable<Fact>
  open(source: string, kind: FactKind): Promise<Fact[]>
  ids(source: string, kind: FactKind, from: number): Promise<string[]>
  find(kind: FactKind, id: string): Promise<Fact[]>
  /** The scopes that have facts of a kind; of incidents also those that had some once. */
  scopes(kind: FactKind): Promise<string[]>
  /** What changed after a sequence number, test reports left out, in order; at most `limit` + 1 rows, to tell that there is more. */
  changesAfter(
    seq: number,
    limit: number,
  ): Promise<{ seq: number; scope: string; removed: boolean; fact: Fact }[]>
  /** The distinct scopes of everything that changed after a sequence number. */
  scopesChangedAfter(seq: number): Promise<{ scope: string; kind: FactKind }[]>
  /** The same of facts of one kind that have one scope each. */
  scopesOfKindChangedAfter(kind: FactKind, seq: number): Promise<string[]>
  /** Scopes that a fact belonged to before it changed, after a sequence number. */
  scopesLeftAfter(seq: number): Promise<{ scope: string; kind: FactKind }[]>
  lastSeq(): Promise<number>
  counts(): Promise<Record<FactKind, number>>
}

export interface TestStore {
  /** The reports of a repository from an instant on, in the order of their time. */
  runs(repository: string, from: number): Promise<TestRuns[]>
  /** The earliest instant of what came in after a sequence number or was removed; undefined where nothing did. */
  changedFrom(repository: string, seq: number): Promise<number | undefined>
  nameOf(test: number): Promise<[suite: string, name: string]>
  /** Drops the reports from before an instant, and names that no other has; returns how many reports. */
  drop(before: number): Promise<number>
}

export interface PointStore {
  /** Inserts or changes; what is stored already with these very fields keeps its rev. */
  save(owner: string, points: readonly PointToSave[]): Promise<number>
  /** As save, for several owners. */
  saveAll(groups: Iterable<readonly [owner: string, points: readonly PointToSave[]]>): Promise<number>
  /** As save, and removes every other point of the owner (of the measurements given). */
  replaceAll(owner: string, points: readonly PointToSave[]): Promise<number>
  /** As replaceAll, for what the owner has at these times: all points given are at one of them. */
  replaceAt(owner: string, times: readonly number[], points: readonly PointToSave[]): Promise<number>
  remove(points: readonly PointPlace[]): Promise<number>
  /** The fields of points as they are stored; null where there is none. */
  fieldsAt(points: readonly PointPlace[]): Promise<(string | null)[]>
  /** Removes points at one time and writes them at another. Those that are not there are left alone, and returned. */
  carry<Point extends Carried>(points: readonly Point[]): Promise<{ changed: number; missing: Point[] }>
  /** Owners that have points. */
  owners(): Promise<string[]>
  /** The next of the outbox after a rev, in order. */
  after(rev: number, limit: number): Promise<OutboxPoint[]>
  all(): AsyncIterable<OutboxPoint>
  lastRev(): Promise<number>
  acknowledged(sink: string): Promise<number>
  acknowledge(
    sink: string,
    rev: number,
    rejected: readonly { point: OutboxPoint; reason: string }[],
  ): Promise<void>
  backlog(sink: string): Promise<{ points: number; rejected: number }>
  /** The points that a sink refused and that have not changed since, the latest first. */
  rejected(sink: string, limit: number): Promise<{ series: string; at: number; reason: string }[]>
  /** What a sink refused, as it is in the outbox now, in order: after a rev, at most `limit`. */
  rejectedPoints(sink: string, after: number, limit: number): Promise<OutboxPoint[]>
  /** Of what a sink had refused, notes what it refuses still; all else between the revs is forgotten. */
  settleRejected(
    sink: string,
    between: { after: number; until: number },
    still: readonly { point: OutboxPoint; reason: string }[],
  ): Promise<void>
  /** The points of a measurement at an instant that are not removed. */
  standing(place: { measurement: string; at: number; nanos: number }): Promise<OutboxPoint[]>
  /** The last point of every series of a measurement, up to an instant. */
  latest(measurement: string, until: number): Promise<OutboxPoint[]>
  /** The points of the series of a measurement with a tag of that value, in [from, to), that are not removed. */
  between(
    measurement: string,
    tag: [name: string, value: string],
    from: number,
    to: number,
  ): Promise<OutboxPoint[]>
  /**
   * The standing points of the series of a measurement (with a tag of that value, where one is given) in [from, to],
   * a series at a time, each in order of time.
   */
  scan(
    measurement: string,
    range: { tag?: [name: string, value: string]; from: number; to: number },
  ): AsyncIterable<{ series: string; points: { at: number; fields: string }[] }>
  /** Whether a series has any between two instants, both included. */
  hasStanding(series: string, from: number, to: number): Promise<boolean>
  /** Forgets removed points of past hours that all these sinks have acknowledged. */
  purge(sinks: readonly string[]): Promise<void>
}

/** Derived state by scope, kept so that a refresh needs not begin anew: a cache, which may be removed at any time. */
export interface HistoryStore {
  find(scope: string): Promise<StoredHistory | undefined>
  save(scope: string, history: StoredHistory): Promise<void>
  remove(scope: string): Promise<void>
  removeAll(): Promise<void>
}

/** What was restated, and why. */
export interface RestatementStore {
  add(restatements: readonly Restatement[]): Promise<void>
  addPools(restatements: readonly PoolRestatement[]): Promise<void>
  forgetBefore(at: number): Promise<void>
  /** Of services, those of that instant too, the latest last. */
  since(at: number): Promise<Restatement[]>
  /** Of teams and the organisation. */
  poolsSince(at: number): Promise<PoolRestatement[]>
  /** When the last one was found; undefined where there was none. */
  lastAt(): Promise<number | undefined>
}

export interface MetaStore {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string): Promise<void>
  source(name: string): Promise<SourceState>
  /** Ends a run of a source: complete until that instant, or failed for a reason. */
  endSource(name: string, end: { completeUntil: number } | { error: string }): Promise<void>
  resetCursor(name: string): Promise<void>
  claimSlot(job: string, slot: number, at: number): Promise<boolean>
  endSlot(job: string, slot: number, at: number): Promise<void>
  lastDoneSlot(job: string): Promise<number | undefined>
}
