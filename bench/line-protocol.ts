import { Point as ClientPoint } from '@influxdata/influxdb-client'
import { encodePoint } from '../core/line-protocol.ts'
import type { FieldValue, Point } from '../core/point.ts'

/** How fast points become lines, ours beside the client library's own serialiser on the same points. */
export interface LineProtocolRate {
  name: string
  /** Points a second. */
  value: number
  unit: 'points/s'
  /** The client library's `Point.toLineProtocol`, setting the point up included, as for every new point. */
  baseline: number
}

const rounds = 7
const pointCount = 20_000

/** Best of seven interleaved rounds over 20,000 different points of each kind. */
export async function benchLineProtocol(): Promise<LineProtocolRate[]> {
  const kinds = [
    { name: 'encode dora_window (36 fields)', points: series(windowPoint) },
    { name: 'encode dora_deployment (13 fields)', points: series(deploymentPoint) },
  ]
  const rates: LineProtocolRate[] = []
  for (const { name, points } of kinds) {
    let ours = 0
    let baseline = 0
    for (let round = 0; round < rounds; round += 1) {
      ours = Math.max(ours, rateOf(points, encodePoint))
      baseline = Math.max(baseline, rateOf(points, byClient))
      await new Promise(setImmediate)
    }
    rates.push({ name, value: Math.round(ours), unit: 'points/s', baseline: Math.round(baseline) })
  }
  return rates
}

function series(make: (index: number) => Point): Point[] {
  return Array.from({ length: pointCount }, (_, index) => make(index))
}

function rateOf(points: readonly Point[], encode: (point: Point) => string): number {
  let length = 0
  const startedAt = performance.now()
  for (const point of points) length += encode(point).length
  const seconds = (performance.now() - startedAt) / 1000
  if (length === 0) throw new Error('nothing was encoded')
  return points.length / seconds
}

function byClient(point: Point): string {
  const line = new ClientPoint(point.measurement)
  for (const [key, value] of Object.entries(point.tags)) line.tag(key, value)
  for (const [key, value] of Object.entries(point.fields)) setField(line, key, value)
  line.timestamp(point.at + String(point.nanos).padStart(6, '0'))
  return line.toLineProtocol() ?? ''
}

function setField(line: ClientPoint, key: string, value: FieldValue): void {
  if (typeof value === 'number') line.floatField(key, value)
  else if (typeof value === 'string') line.stringField(key, value)
  else if (typeof value === 'boolean') line.booleanField(key, value)
  else line.intField(key, value.int)
}

const counts = 'n deployments successful failed rework rollbacks deployment_days lead_time_n excluded_bots'
const moreCounts =
  'recovery_n recovery_open recovery_unknown incidents_started incidents_attributed incident_n'
const seconds = 'lead_time_p50_s lead_time_p90_s lead_time_p95_s recovery_p50_s recovery_p90_s incident_p50_s'
const moreSeconds = 'incident_p90_s coding_p50_s pickup_p50_s review_p50_s deploy_p50_s from_deployment_p50_s'
const ratios = 'deployment_frequency_per_day coverage_days change_fail_rate change_fail_rate_low rework_rate'
const moreRatios = 'change_fail_rate_high rework_rate_low rework_rate_high batch_size_p50'

function windowPoint(index: number): Point {
  const fields: Record<string, FieldValue> = {}
  for (const key of `${counts} ${moreCounts}`.split(' ')) fields[key] = { int: (index * 7) % 120 }
  for (const key of `${seconds} ${moreSeconds}`.split(' ')) fields[key] = 3600 + index * 1.5
  for (const key of `${ratios} ${moreRatios}`.split(' ')) fields[key] = (index % 97) / 97
  const tags = {
    environment: 'production',
    service: `service-${index % 200}`,
    team: 'payments',
    window: '30d',
  }
  return { measurement: 'dora_window', tags, fields, at: 1_780_000_000_000 + index * 3_600_000, nanos: 0 }
}

function deploymentPoint(index: number): Point {
  const fields: Record<string, FieldValue> = {
    id: `acme/checkout#${index}`,
    sha: index.toString(16).padStart(40, 'a'),
    version: `v1.${index}.0`,
    outcome: index % 9 === 0 ? 'failure' : 'success',
    kind: 'normal',
    failed: index % 9 === 0,
    changes: { int: index % 12 },
    lead_time_p50_s: 7200 + index / 3,
    recovery_s: 1800.25,
    rework: false,
    workflow: 'deploy "production"',
    team: 'payments',
    url: `https://git.example.com/acme/checkout/actions/runs/${index}`,
  }
  const tags = { environment: 'production', service: `service-${index % 200}`, source: 'github' }
  return { measurement: 'dora_deployment', tags, fields, at: 1_780_000_000_000 + index, nanos: index }
}

if (import.meta.main) {
  for (const { name, value, unit, baseline } of await benchLineProtocol()) {
    console.log(`${name}: ${value} ${unit}, client library ${baseline} ${unit}`)
  }
}
