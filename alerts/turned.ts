import type { Evaluated, Instance, Restated } from './evaluate.ts'

/** An instance that began to be past its threshold, or to be well again. */
export interface Turned {
  instance: Instance
  /** As it fired, where it is well again; undefined where it began. */
  fired: Instance | undefined
}

/** The instances that turned at a slot. */
export function turnedAt(
  { changed, transitions }: Evaluated,
  former: ReadonlyMap<string, Instance>,
  slot: number,
): Turned[] {
  const turned = new Map<string, Turned>()
  for (const instance of changed) {
    const { key, state } = instance
    if (state.activeSince === slot && state.firedReason === undefined)
      turned.set(key, { instance, fired: undefined })
    if (state.clearSince === slot) turned.set(key, { instance, fired: former.get(key) })
  }
  for (const { instance, transition } of transitions) {
    const was = former.get(instance.key)
    const isOver = transition.kind === 'resolved' && transition.reason === undefined
    if (isOver && was !== undefined && was.state.clearSince === undefined)
      turned.set(instance.key, { instance, fired: was })
  }
  return [...turned.values()]
}

/** What was evaluated, with what turned marked; a mark stays until the next turn. */
export function withRestated(
  { changed, transitions, gone }: Evaluated,
  former: ReadonlyMap<string, Instance>,
  restated: ReadonlyMap<string, Restated>,
): Evaluated {
  const marked = (instance: Instance): Instance => {
    const mark = restated.get(instance.key) ?? markOf(former.get(instance.key), instance)
    return mark === undefined ? instance : { ...instance, restated: mark }
  }
  return {
    changed: changed.map(marked),
    transitions: transitions.map((each) => ({ ...each, instance: marked(each.instance) })),
    gone,
  }
}

function markOf(former: Instance | undefined, { state }: Instance): Restated | undefined {
  if (former?.restated === undefined) return undefined
  const { activeSince, clearSince } = former.state
  if (state.state === 'inactive') return clearSince === undefined ? undefined : former.restated
  return state.activeSince === activeSince && state.clearSince === clearSince ? former.restated : undefined
}
