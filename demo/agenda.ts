/** What will happen, taken in the order of time; of two things at one instant the one that was added first. */
export interface Agenda {
  add(at: number, act: (at: number) => void): void
  /** Runs everything, also what is added meanwhile, up to and including that instant. */
  runUntil(until: number): void
}

interface Entry {
  at: number
  order: number
  act: (at: number) => void
}

export function createAgenda(): Agenda {
  const heap: Entry[] = []
  let added = 0

  function precedes(a: number, b: number): boolean {
    const first = heap[a]!
    const second = heap[b]!
    return first.at < second.at || (first.at === second.at && first.order < second.order)
  }

  function swap(a: number, b: number): void {
    const entry = heap[a]!
    heap[a] = heap[b]!
    heap[b] = entry
  }

  function take(): Entry {
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return first
    heap[0] = last
    let parent = 0
    for (;;) {
      let least = parent
      const left = 2 * parent + 1
      if (left < heap.length && precedes(left, least)) least = left
      if (left + 1 < heap.length && precedes(left + 1, least)) least = left + 1
      if (least === parent) return first
      swap(least, parent)
      parent = least
    }
  }

  return {
    add(at, act) {
      heap.push({ at, order: added, act })
      added += 1
      let child = heap.length - 1
      while (child > 0) {
        const parent = (child - 1) >> 1
        if (!precedes(child, parent)) return
        swap(child, parent)
        child = parent
      }
    },
    runUntil(until) {
      while (heap.length > 0 && heap[0]!.at <= until) {
        const entry = take()
        entry.act(entry.at)
      }
    },
  }
}
