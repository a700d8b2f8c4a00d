import type { FactKey } from '../../core/fact.ts'
import { lineOf } from '../../loaders/line.ts'
import type { OutboxPoint, Store } from '../../store/store.ts'

/** The stored points in line protocol, as a sink would get them. */
export async function linesOf(store: Store): Promise<string[]> {
  const lines: string[] = []
  for await (const point of store.points.all()) lines.push(lineOf(point))
  return lines.sort()
}

export async function pointsOf(store: Store): Promise<OutboxPoint[]> {
  const points: OutboxPoint[] = []
  for await (const point of store.points.all()) points.push(point)
  return points
}

/** Everything that is stored, by identity. */
export async function factsOf(store: Store): Promise<(FactKey & object)[]> {
  const facts: FactKey[] = []
  for await (const fact of store.facts.all()) facts.push(fact)
  return facts
}
