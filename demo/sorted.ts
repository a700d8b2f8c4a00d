/** How many of an ascending list are at or before an instant. */
export function countUntil<T>(list: readonly T[], at: number, instantOf: (item: T) => number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (instantOf(list[middle]!) <= at) low = middle + 1
    else high = middle
  }
  return low
}
