/** The 97.5 % point of the normal distribution: two-sided 95 %. */
const usualQuantile = 1.959963984540054

/**
 * The Wilson score interval of `successes` out of `n`, as rates; two-sided 95 %, where no other quantile `z` of the normal
 * distribution is given. Null where n is 0.
 * Source: E. B. Wilson, JASA 22 (1927).
 */
export function wilson(
  successes: number,
  n: number,
  z = usualQuantile,
): { low: number; high: number } | null {
  if (n === 0) return null
  const rate = successes / n
  const spread = (z * Math.sqrt((rate * (1 - rate)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n)
  const centre = (rate + (z * z) / (2 * n)) / (1 + (z * z) / n)
  // At the ends the exact bound is 0 or 1 and floating point misses it by an ulp.
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - spread),
    high: successes === n ? 1 : Math.min(1, centre + spread),
  }
}

/**
 * A multiset that values enter and leave, with percentiles at any time: a Fenwick tree over the ranks of
 * all values that will ever be in it. Adding, removing and selecting take O(log n), so a window that
 * slides over a year costs each sample one entry and one exit instead of a sort a day.
 */
export interface SlidingPercentiles {
  /** How many values are in it. */
  readonly size: number
  /** `index` is the position in the values it was made of. */
  add(index: number): void
  remove(index: number): void
  /** Linear interpolation between closest ranks (PERCENTILE_CONT), `p` from 0 to 1; null where empty. */
  percentile(p: number): number | null
}

/** Values in ascending order, and the rank of each, from 1: equal values have the same. */
export interface Ranks {
  sorted: Float64Array
  rankOf: Int32Array
}

export function ranksOf(values: Float64Array): Ranks {
  // NaN is in none of them: it never enters.
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  const rankOf = new Int32Array(values.length)
  for (let index = 0; index < values.length; index += 1)
    if (!Number.isNaN(values[index])) rankOf[index] = lowerBound(sorted, values[index]!) + 1
  return { sorted, rankOf }
}

/** `ranks` are those of the values, where they are known already. */
export function slidingPercentiles(values: Float64Array, ranks = ranksOf(values)): SlidingPercentiles {
  const { sorted, rankOf } = ranks
  const count = sorted.length
  const tree = new Int32Array(count + 1)
  const top = count === 0 ? 0 : 2 ** Math.floor(Math.log2(count))
  let size = 0
  /** What was answered since the last change: most days nothing enters or leaves. */
  const answered = new Map<number, number>()

  function update(rank: number, by: number): void {
    size += by
    if (answered.size > 0) answered.clear()
    for (let node = rank; node <= count; node += node & -node) tree[node]! += by
  }

  /** The value of 0-based position `k` among those present. */
  function select(k: number): number {
    let node = 0
    let left = k
    for (let step = top; step > 0; step >>= 1) {
      const next = node + step
      if (next <= count && tree[next]! <= left) {
        node = next
        left -= tree[next]!
      }
    }
    return sorted[node]!
  }

  return {
    get size() {
      return size
    },
    add: (index) => update(rankOf[index]!, 1),
    remove: (index) => update(rankOf[index]!, -1),
    percentile(p) {
      if (size === 0) return null
      let value = answered.get(p)
      if (value === undefined) {
        const position = p * (size - 1)
        const lower = Math.floor(position)
        value = select(lower)
        if (lower !== position) value += (select(lower + 1) - value) * (position - lower)
        answered.set(p, value)
      }
      return value
    },
  }
}

/**
 * As slidingPercentiles, where few values are in it at a time: those present in order. Moving a few hundred numbers
 * costs less than ranks and a tree.
 */
export function sortedPercentiles(values: Float64Array): SlidingPercentiles {
  const present = new Float64Array(values.length)
  let size = 0
  /** The first position whose value is at least that of `index`. */
  function place(index: number): number {
    const value = values[index]!
    let low = 0
    let high = size
    while (low < high) {
      const middle = (low + high) >>> 1
      if (present[middle]! < value) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    get size() {
      return size
    },
    add(index) {
      const position = place(index)
      present.copyWithin(position + 1, position, size)
      present[position] = values[index]!
      size += 1
    },
    remove(index) {
      const position = place(index)
      size -= 1
      present.copyWithin(position, position + 1, size + 1)
    },
    percentile(p) {
      if (size === 0) return null
      const position = p * (size - 1)
      const lower = Math.floor(position)
      if (lower === position) return present[lower]!
      return present[lower]! + (present[lower + 1]! - present[lower]!) * (position - lower)
    },
  }
}

/**
 * As slidingPercentiles, where it is asked seldom between two moves of many: those present in no order, so that one
 * enters or leaves at once, and each percentile selects from a copy of them.
 */
export function unorderedPercentiles(values: Float64Array): SlidingPercentiles {
  const present = new Float64Array(values.length)
  /** The index of each that is present, and the place of each index. */
  const indexAt = new Int32Array(values.length)
  const placeOf = new Int32Array(values.length)
  let size = 0
  let copy: Float64Array | undefined
  let isCopied = false
  return {
    get size() {
      return size
    },
    add(index) {
      present[size] = values[index]!
      indexAt[size] = index
      placeOf[index] = size
      size += 1
      isCopied = false
    },
    remove(index) {
      size -= 1
      const place = placeOf[index]!
      const last = indexAt[size]!
      present[place] = present[size]!
      indexAt[place] = last
      placeOf[last] = place
      isCopied = false
    },
    percentile(p) {
      if (copy === undefined || copy.length < size) copy = new Float64Array(Math.min(values.length, 2 * size))
      if (!isCopied) copy.set(present.subarray(0, size))
      isCopied = true
      return percentileAmong(copy, size, p)
    },
  }
}

/**
 * As slidingPercentiles, for values that only enter. Nothing is sorted: each percentile selects its values, which
 * takes time in proportion to their number, and leaves them nearer to their order for the next.
 */
export function fixedPercentiles(values: Float64Array): SlidingPercentiles {
  const present = new Float64Array(values.length)
  let size = 0
  return {
    get size() {
      return size
    },
    add(index) {
      present[size] = values[index]!
      size += 1
    },
    remove() {
      throw new RangeError('nothing leaves fixed percentiles')
    },
    percentile(p) {
      return percentileAmong(present, size, p)
    },
  }
}

/** Of the first `size` values, which are rearranged; null where there is none. */
export function percentileAmong(values: Float64Array, size: number, p: number): number | null {
  if (size === 0) return null
  const position = p * (size - 1)
  const lower = Math.floor(position)
  const value = selectRank(values, size, lower)
  if (lower === position) return value
  let next = Infinity
  for (let index = lower + 1; index < size; index += 1) if (values[index]! < next) next = values[index]!
  return value + (next - value) * (position - lower)
}

/**
 * The value of 0-based rank `k` among the first `size`, which are rearranged: no smaller one stays behind it, no larger
 * one before it. Source: C. A. R. Hoare's FIND (1961), with the median of three as pivot.
 */
function selectRank(values: Float64Array, size: number, k: number): number {
  let left = 0
  let right = size - 1
  while (left < right) {
    const pivot = medianOfThree(values[left]!, values[(left + right) >>> 1]!, values[right]!)
    let low = left
    let high = right
    while (low <= high) {
      while (values[low]! < pivot) low += 1
      while (values[high]! > pivot) high -= 1
      if (low > high) break
      const value = values[low]!
      values[low] = values[high]!
      values[high] = value
      low += 1
      high -= 1
    }
    if (k <= high) right = high
    else if (k >= low) left = low
    else break
  }
  return values[k]!
}

function medianOfThree(a: number, b: number, c: number): number {
  return a < b ? (b < c ? b : Math.max(a, c)) : a < c ? a : Math.max(b, c)
}

/** The first position in ascending `sorted` whose value is at least `value`. */
export function lowerBound(sorted: ArrayLike<number>, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
