import { encodeTime } from '../core/line-protocol.ts'
import type { StoredPoint } from './loader.ts'

const events: ReadonlySet<string> = new Set([
  'dora_deployment',
  'dora_change',
  'dora_incident',
  // No events, but what was said of a former hour is not said any more.
  'dora_quality',
  'dora_state',
])

/**
 * Every n of a window. Its other fields stay as they are: a metric that is held would look like a zero, and no
 * panel shows a value whose n is 0.
 */
const emptyWindows: Readonly<Record<string, string>> = {
  dora_window:
    'n=0i,lead_time_n=0i,recovery_time_n=0i,recovery_time_from_deployment_n=0i,incident_recovery_time_n=0i',
  dora_flow:
    'coding_n=0i,pickup_n=0i,review_n=0i,deploy_n=0i,review_time_xs_n=0i,review_time_s_n=0i,review_time_m_n=0i,' +
    'review_time_l_n=0i,deployment_size_n=0i,batch_age_n=0i,labelled_fail_rate_n=0i,merged_changes=0i',
  dora_ci: 'n=0i,duration_n=0i,time_to_green_n=0i',
  dora_flaky: 'n=0i,flaky=0i',
}

/**
 * The line that writes a point, or that overwrites a removed one where nothing can be deleted: a window with
 * every n = 0, anything else with deleted = true. An event always says deleted = false, for two reasons: one that
 * comes back after it was overwritten would stay deleted, and InfluxQL finds a point by `deleted` only where
 * the field is present. Throws Rejected for an instant that cannot be stored.
 */
export function lineOf(point: StoredPoint): string {
  const measurement = point.series.split(',', 1)[0] ?? ''
  return `${point.series} ${fieldsOf(point, measurement)} ${encodeTime(point.at, point.nanos)}`
}

/**
 * The lines of the points, as one text. In pieces: as lines of their own, the texts of a batch would be half of the
 * memory that a delivery takes.
 */
export function bodyOf(points: readonly StoredPoint[]): string {
  const pieces: string[] = []
  for (const point of points) {
    const { series, at, nanos } = point
    const comma = series.indexOf(',')
    const measurement = comma === -1 ? series : series.slice(0, comma)
    if (pieces.length > 0) pieces.push('\n')
    pieces.push(series, ' ', point.fields ?? fieldsOf(point, measurement))
    if (point.fields !== null && events.has(measurement)) pieces.push(',deleted=false')
    pieces.push(' ', encodeTime(at, nanos))
  }
  return pieces.join('')
}

function fieldsOf({ fields }: StoredPoint, measurement: string): string {
  if (fields === null) return emptyWindows[measurement] ?? 'deleted=true'
  return events.has(measurement) ? `${fields},deleted=false` : fields
}
