import type { Store } from '../store/store.ts'
import type { Member } from '../transforms/members.ts'
import { all, type WindowOwner } from '../transforms/window-points.ts'
import type { DeriveOptions } from './derive-options.ts'
import type { EventState } from './kept-state.ts'
import { poolRestatementsOf } from './restatements.ts'
import { allWindows, type Observed } from './window-update.ts'
import { writeWindows, type WindowPlan } from './window-writes.ts'

interface Context {
  store: Store
  options: DeriveOptions
  states: ReadonlyMap<string, EventState>
  restatedAt: ReadonlyMap<string, readonly number[] | undefined>
  membersNow(name: string): Member[]
}

export interface Pools {
  /** Writes the windows of teams and the organisation that changed, or all of them; returns how many points did. */
  update(anew: boolean): Promise<number>
}

interface Written {
  observed: Observed
  from: number | null
}

export function createPools({ store, options, states, restatedAt, membersNow }: Context): Pools {
  /** How many points changed, or what is to be done about it together with other pools. */
  async function updatePool(
    owner: string,
    team: string,
    services: readonly string[],
    anew: boolean,
  ): Promise<number | WindowPlan> {
    if (services.length === 0) return store.points.replaceAll(owner, [])
    const members = services.flatMap(membersNow)
    const windowOwner: WindowOwner = {
      service: all,
      team,
      environment: all,
      timezone: options.timezone,
      members,
    }
    const from = earliest(members)
    const observed = commonly(members)
    const key = `pool:${owner}`
    const text = await store.meta.get(key)
    const written = text === undefined ? undefined : (JSON.parse(text) as Written)
    await store.meta.set(key, JSON.stringify({ observed, from }))
    const times = services.map((name) => restatedAt.get(name))
    const isKept = written && written.from === from && written.observed.until <= observed.until
    if (
      anew ||
      !isKept ||
      services.some((name) => restatedAt.has(name) && restatedAt.get(name) === undefined)
    ) {
      return store.points.replaceAll(owner, allWindows(windowOwner, from, observed, options))
    }
    const restated = [...new Set(times.flatMap((each) => each ?? []))].sort((a, b) => a - b)
    const change = {
      from,
      written: written.observed,
      observed,
      times: restated,
    }
    return { owner, windows: windowOwner, change }
  }

  return {
    async update(anew) {
      const names = [...states.keys()].sort()
      const teams = new Map<string, string[]>()
      for (const name of names) {
        const { team } = states.get(name)!
        if (team !== null) teams.set(team, [...(teams.get(team) ?? []), name])
      }
      let changed = 0
      const plans: WindowPlan[] = []
      const take = (done: number | WindowPlan) => {
        if (typeof done === 'number') changed += done
        else plans.push(done)
      }
      for (const [team, services] of teams) take(await updatePool(`team:${team}`, team, services, anew))
      take(await updatePool('organization', all, names, anew))
      const windows = await writeWindows(store, plans, options)
      await store.restatements.addPools(poolRestatementsOf(options.at, windows.restated))
      return changed + windows.changed
    },
  }
}

function earliest(members: readonly Member[]): number | null {
  const starts = members.map(({ coverage }) => coverage.from).filter((from) => from !== null)
  return starts.length === 0 ? null : Math.min(...starts)
}

/** A pool's new windows are held as long as those of one of its members are. */
function commonly(members: readonly Member[]): Observed {
  const least = (pick: (observed: Observed) => number) =>
    members.reduce((until, { coverage }) => Math.min(until, pick(coverage)), Infinity)
  return {
    until: least(({ until }) => until),
    changesUntil: least(({ changesUntil }) => changesUntil),
    incidentsUntil: least(({ incidentsUntil }) => incidentsUntil),
  }
}
