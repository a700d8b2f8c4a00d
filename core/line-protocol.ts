import { Rejected } from './errors.ts'
import type { FieldValue, Point } from './point.ts'

/**
 * InfluxDB's line protocol, one point a line. The client library's own serialiser leaves out an empty tag
 * (which puts the point into another series), passes a trailing backslash on (which swallows the next
 * separator) and skips a point without fields; here such a point is rejected with its reason.
 * Syntax: https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
 */

const lineBreak = /[\n\r]/
const lineBreaks = /\r\n|[\n\r]/g
const specialInMeasurement = /[, ]/g
const specialInKey = /[,= ]/g
const unsafeInString = /["\\\n\r]/
const specialInString = /["\\]/g
const trailingBackslashes = /\\+$/
/** As a replacement: what matched, behind a backslash. */
const escaped = String.raw`\$&`

/** Keys that were seen to need no escape: a memo, for a few dozen of them come with every point. */
const plainKeys = new Set<string>()
const maxPlainKeys = 1000

/** The last millisecond whose nanoseconds fit into 64 bits, with every nanosecond below it. */
const latestMs = 9_223_372_036_853

/**
 * `dora_window,service=checkout,window=7d`: the measurement and the tags sorted by key. A backslash at the
 * end of a tag's value cannot be written (it would escape the separator) and becomes a slash. Throws
 * Rejected for what InfluxDB would refuse, drop, or file under another series.
 */
export function encodeSeries(measurement: string, tags: Readonly<Record<string, string>>): string {
  let series = encodeMeasurement(measurement)
  for (const key of Object.keys(tags).sort()) {
    series += `,${encodeKey(key, 'tag', measurement)}=${encodeTagValue(key, tags[key], measurement)}`
  }
  return series
}

/** The measurement and tags that `encodeSeries` made a series of. */
export function decodeSeries(series: string): { measurement: string; tags: Record<string, string> } {
  const [measurement = '', ...pairs] = series.split(/(?<!\\),/)
  const tags = pairs.map((pair) => pair.split(/(?<!\\)=/).map(unescaped) as [string, string])
  return { measurement: measurement.replaceAll(/\\([, ])/g, '$1'), tags: Object.fromEntries(tags) }
}

/**
 * `n=3i,lead_time_p50_s=7200,url="…"`, in the order of the keys. A number is always a float and `{ int }`
 * always an integer, for a field's type must never change. A line break in a string becomes a space: a line
 * is one point everywhere. Throws Rejected where there is no field, or a value that cannot be stored.
 */
export function encodeFields(fields: Readonly<Record<string, FieldValue>>): string {
  let encoded = ''
  for (const key of Object.keys(fields)) {
    const value = fields[key]
    if (encoded !== '') encoded += ','
    encoded += encodeKey(key, 'field')
    if (typeof value === 'number') {
      if (!Number.isFinite(value))
        throw new Rejected(`field ${key} is ${value}: only finite numbers are stored`)
      encoded += '=' + value
    } else if (typeof value === 'string') {
      encoded += '=' + encodeString(value)
    } else if (typeof value === 'boolean') {
      encoded += value ? '=true' : '=false'
    } else {
      encoded += '=' + encodeInteger(key, value) + 'i'
    }
  }
  if (encoded === '') throw new Rejected('a point without fields cannot be stored')
  return encoded
}

/** Nanoseconds since the epoch, as digits: a JavaScript number cannot hold them. */
export function encodeTime(at: number, nanos: number): string {
  if (!Number.isInteger(at) || at < 0 || at > latestMs) {
    throw new Rejected(`the instant ${at} is no whole millisecond between 1970 and 2262`)
  }
  if (!Number.isInteger(nanos) || nanos < 0 || nanos > 999_999) {
    throw new Rejected(`${nanos} is no whole number of nanoseconds from 0 to 999999`)
  }
  return at === 0 ? String(nanos) : at + String(nanos).padStart(6, '0')
}

/** One line, without the line break. Throws Rejected for what InfluxDB would refuse, drop or misread. */
export function encodePoint(point: Point): string {
  const series = encodeSeries(point.measurement, point.tags)
  return `${series} ${encodeFields(point.fields)} ${encodeTime(point.at, point.nanos)}`
}

function encodeMeasurement(measurement: string): string {
  if (isPlain(measurement)) return measurement
  if (measurement === '') throw new Rejected('a measurement needs a name')
  if (measurement.startsWith('#')) throw new Rejected(`measurement ${measurement} would be read as a comment`)
  refuseUnwritable(measurement, `measurement ${JSON.stringify(measurement)}`)
  return measurement.replaceAll(specialInMeasurement, escaped)
}

function encodeKey(key: string, kind: 'tag' | 'field', measurement = ''): string {
  if (plainKeys.has(key)) return key
  if (isPlain(key) && key !== 'time') {
    if (plainKeys.size < maxPlainKeys) plainKeys.add(key)
    return key
  }
  const named = `${kind} key ${JSON.stringify(key)}${measurement && ` of ${measurement}`}`
  if (key === '') throw new Rejected(`${named} is empty`)
  if (key === 'time') throw new Rejected(`${named} is reserved for the point's instant`)
  refuseUnwritable(key, named)
  return key.replaceAll(specialInKey, escaped)
}

function encodeTagValue(key: string, value: string | undefined, measurement: string): string {
  if (!value) {
    throw new Rejected(`tag ${key} of ${measurement} is empty: the point would land in another series`)
  }
  if (isPlain(value)) return value
  if (lineBreak.test(value)) throw new Rejected(`tag ${key} of ${measurement} contains a line break`)
  const closed = value.replace(trailingBackslashes, (slashes) => '/'.repeat(slashes.length))
  return closed.replaceAll(specialInKey, escaped)
}

/** The value of a string field. A line break becomes a space. */
export function encodeString(value: string): string {
  if (!unsafeInString.test(value)) return '"' + value + '"'
  return `"${value.replaceAll(lineBreaks, ' ').replaceAll(specialInString, escaped)}"`
}

function encodeInteger(key: string, value: { int: number } | undefined): number {
  if (value === undefined) throw new Rejected(`field ${key} has no value: leave the field out`)
  if (!Number.isSafeInteger(value.int)) throw new Rejected(`field ${key} is ${value.int}: no exact integer`)
  return value.int
}

function refuseUnwritable(name: string, named: string): void {
  if (lineBreak.test(name)) throw new Rejected(`${named} contains a line break`)
  if (name.endsWith('\\')) throw new Rejected(`${named} ends in a backslash`)
}

function isPlain(text: string): boolean {
  return text !== '' && !/[^\w.-]/.test(text)
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([,= ])/g, '$1')
}

/** A field's text value as it is written, without quotes and escapes. */
export function decodeString(written: string): string {
  return written.slice(1, -1).replaceAll(/\\(["\\])/g, '$1')
}
