import { parseQuantity } from './quantity.ts'
import type { MetricField } from './metrics.ts'

/** What a point of a made-up series says: `held` where there is a point, but not this number. */
export type Cell = { value: number; count?: number; n?: number } | 'held' | undefined

const token = /^(?<first>.+?)(?:(?<sign>[+-])(?<step>[^+-]+?))?(?:x(?<times>\d+))?$/
/** A series longer than any that somebody reads is a mistyped number. */
const longest = 100_000

/**
 * A series as it is written: `4/40 12/40x3 10h+30mx4 _x2 held`, separated by spaces. `AxN` is A, N times; `A+BxN` and
 * `A-BxN` are N values that grow or fall by B; `_` is no point, `held` one without this number. Of rates a value is a
 * fraction, of which a step changes the upper number. Throws an Error that names what cannot be read.
 */
export function readCells(text: string, metric: MetricField, windowDays: number | undefined): Cell[] {
  const cells: Cell[] = []
  for (const written of text.split(/\s+/).filter((each) => each !== '')) {
    const { first, sign, step, times = '1' } = token.exec(written)!.groups as Partial<Record<string, string>>
    const count = Number(times)
    if (count === 0 || cells.length + count > longest)
      throw new Error(`${written}: write how often, from 1 to ${longest}`)
    if (step !== undefined && count === 1)
      throw new Error(`${written}: a step needs a number of values, such as ${first}${sign}${step}x5`)
    const factor = sign === '-' ? -1 : 1
    for (let index = 0; index < count; index += 1)
      cells.push(
        cellOf(
          first!,
          step === undefined ? undefined : { text: step, times: factor * index },
          metric,
          windowDays,
        ),
      )
  }
  return cells
}

/** Whole numbers in the same notation, such as what a percentile is made of. */
export function readCounts(text: string): (number | undefined)[] {
  return readCells(
    text,
    { measurement: 'dora_window', unit: 'count', fields: {}, hasWindow: false },
    undefined,
  ).map((cell) => (typeof cell === 'object' ? cell.value : undefined))
}

interface Step {
  text: string
  times: number
}

function cellOf(
  text: string,
  step: Step | undefined,
  metric: MetricField,
  windowDays: number | undefined,
): Cell {
  if (text === '_' || text === 'held') {
    if (step) throw new Error(`${text} has no step`)
    return text === '_' ? undefined : 'held'
  }
  const [, upper, lower] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  if (upper !== undefined && metric.n !== undefined && metric.count !== undefined) {
    const count = Number(upper) + (step ? step.times * wholeOf(step.text) : 0)
    const n = Number(lower)
    if (count < 0 || count > n) throw new Error(`${text}: ${count} of ${n} is no share`)
    return n === 0 ? { value: NaN, count, n } : { value: count / n, count, n }
  }
  if (metric.count !== undefined && metric.n === undefined && /^\d+$/.test(text)) {
    const count = positive(Number(text) + (step ? step.times * wholeOf(step.text) : 0), text)
    return { value: metric.unit === 'perDay' ? count / windowDays! : count, count }
  }
  const by = step ? step.times * parseQuantity(step.text, metric.unit) : 0
  const value = positive(parseQuantity(text, metric.unit) + by, text)
  if (metric.count === undefined || metric.n !== undefined) return { value }
  return { value, count: metric.unit === 'perDay' ? Math.round(value * windowDays!) : value }
}

function wholeOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${text} is no whole number to go by`)
  return Number(text)
}

function positive(value: number, text: string): number {
  if (value < 0) throw new Error(`${text}: falls below 0`)
  return value
}
