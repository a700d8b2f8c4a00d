import type { Change, Commit } from '../core/fact.ts'
import { repositoryScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import { compileRepository, growRepository, type Growth, type KnownRepository } from '../transforms/growth.ts'
import type { AtHand } from './at-hand.ts'
import {
  checkpointSeq,
  checkpointStamp,
  derivationVersion,
  packRepository,
  readable,
  unpackRepository,
} from './kept-state.ts'

/** A repository at hand, with how much came in since it was last stored. */
export interface HeldRepository extends KnownRepository {
  unsaved: number
}

/** Reads and keeps compiled repositories. */
export interface KnownRepositories {
  /** With all facts there are. */
  now(name: string): Promise<KnownRepository>
  /**
   * As it was when facts had come in until `seq`: at hand, or what was stored with the facts added since. Undefined
   * where that cannot be told any more.
   */
  asOf(name: string, seq: number): Promise<KnownRepository | undefined>
  /** Adds facts in place, or compiles the repository anew where that cannot be done: then there is no growth. */
  update(
    name: string,
    facts: readonly (Commit | Change)[] | undefined,
    seq: number,
  ): Promise<Growth | undefined>
}

/** A repository is stored anew when so many facts came in, or an eighth of what it has: storing one costs as much. */
const unsavedAtMost = 256

/** `keeps: false` compiles without writing, for a store that is only read. */
export function knownRepositories(
  store: Store,
  seen: AtHand<HeldRepository>,
  { keeps }: { keeps: boolean },
): KnownRepositories {
  function hold(name: string, known: KnownRepository, unsaved: number): HeldRepository {
    const held = { ...known, unsaved }
    seen.set(name, held, known.repository.shas.length + known.repository.changes.length)
    return held
  }

  async function save(name: string, held: HeldRepository, seq: number): Promise<void> {
    held.unsaved = 0
    if (!keeps) return
    const stamp = checkpointStamp(derivationVersion, seq)
    await store.histories.save(repositoryScope(name), { stamp, body: packRepository(held.repository) })
  }

  async function compile(name: string, seq: number): Promise<HeldRepository> {
    const facts = await store.facts.inScope(repositoryScope(name), ['commit', 'change'])
    const held = hold(name, compileRepository(name, facts as (Commit | Change)[]), 0)
    await save(name, held, seq)
    return held
  }

  /** What is stored, with what came in until then. */
  async function load(name: string, until: number): Promise<HeldRepository | undefined> {
    const stored = await store.histories.find(repositoryScope(name))
    const seq = stored && checkpointSeq(stored.stamp, derivationVersion)
    if (seq === undefined) return undefined
    const added = await store.facts.addedIn(repositoryScope(name), ['commit', 'change'], seq, until)
    const known = added && readable(() => unpackRepository(stored!.body))
    if (!known || (added.length > 0 && !growRepository(known, added as (Commit | Change)[]))) return undefined
    return hold(name, known, added.length)
  }

  const repositories: KnownRepositories = {
    async now(name) {
      const held = seen.get(name)
      if (held) return held
      const seq = await store.facts.lastSeq()
      return (await load(name, seq)) ?? compile(name, seq)
    },
    async asOf(name, seq) {
      return seen.get(name) ?? load(name, seq)
    },
    async update(name, facts, seq) {
      const held = seen.get(name)
      const growth = facts && held && growRepository(held, facts)
      if (!growth) {
        await compile(name, seq)
        return undefined
      }
      const now = hold(name, held, held.unsaved + facts.length)
      if (now.unsaved > Math.max(unsavedAtMost, now.repository.facts >> 3)) await save(name, now, seq)
      return growth
    },
  }
  return repositories
}
