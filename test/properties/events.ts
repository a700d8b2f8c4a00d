import type { OutboxPoint } from '../../store/store.ts'
import { fieldsOf, measurementOf, tagsOf } from './fields.ts'

/** A point with its tags and fields by name: texts without their quotes, numbers as numbers. */
export interface Read {
  measurement: string
  tags: Record<string, string>
  at: number
  fields: Record<string, string | number | boolean>
}

export function read({ series, at, fields }: OutboxPoint): Read {
  const values = [...fieldsOf(fields!)].map(([name, text]) => [name, valueOf(text)])
  return {
    measurement: measurementOf(series),
    tags: tagsOf(series),
    at,
    fields: Object.fromEntries(values) as Read['fields'],
  }
}

function valueOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return text.startsWith('"') ? (JSON.parse(text) as string) : Number(text.replace(/i$/, ''))
}

/** Everything that was derived for a configuration and facts, told at once. */
export function ofMeasurement(points: readonly Read[], measurement: string): Read[] {
  return points.filter((point) => point.measurement === measurement)
}
