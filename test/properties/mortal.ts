import type { Store } from '../../store/store.ts'

/** A store whose process dies after so many more writes: everything that writes then throws, as if killed. */
export function mortal(store: Store): { store: Store; dieAfter(writes: number | null): void } {
  let left: number | null = null
  const mortalPart = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function' || !/^(save|remove|replace|set)/.test(String(key))) return member
        return (...given: unknown[]): unknown => {
          if (left === 0) throw new Error('died')
          if (left !== null) left -= 1
          return Reflect.apply(member, target, given)
        }
      },
    })
  return {
    store: { ...store, points: mortalPart(store.points), meta: mortalPart(store.meta) },
    dieAfter(writes) {
      left = writes
    },
  }
}
