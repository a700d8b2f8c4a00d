/** What was used last, kept up to a total weight. */
export interface AtHand<Item> {
  get(name: string): Item | undefined
  set(name: string, item: Item, weight: number): void
  delete(name: string): void
  clear(): void
}

export function createAtHand<Item>(mostWeight: number): AtHand<Item> {
  const items = new Map<string, { item: Item; weight: number }>()
  let total = 0

  function remove(name: string): void {
    total -= items.get(name)?.weight ?? 0
    items.delete(name)
  }

  return {
    get(name) {
      const found = items.get(name)
      if (!found) return undefined
      // Behind the others again: a map keeps the order in which its keys came.
      items.delete(name)
      items.set(name, found)
      return found.item
    },
    set(name, item, weight) {
      remove(name)
      items.set(name, { item, weight })
      total += weight
      for (const oldest of items.keys()) {
        if (total <= mostWeight || oldest === name) break
        remove(oldest)
      }
    },
    delete: remove,
    clear() {
      items.clear()
      total = 0
    },
  }
}
