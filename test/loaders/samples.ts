import type { Io } from '../../core/io.ts'
import type { StoredPoint } from '../../loaders/loader.ts'
import { notingIo } from '../noting-io.ts'

export const now = Date.UTC(2026, 2, 2, 10)

/** What overwrites a window where nothing can be deleted. */
export const emptyWindow =
  'n=0i,lead_time_n=0i,recovery_time_n=0i,recovery_time_from_deployment_n=0i,incident_recovery_time_n=0i'

export function stored(point: Partial<StoredPoint> = {}): StoredPoint {
  return { rev: 1, series: 'dora_window,service=a,window=7d', at: 1000, nanos: 0, fields: 'n=1i', ...point }
}

/** Edges that wait for nothing and note what is logged. */
export function ioOf(signal?: AbortSignal): Io & { logged: string[] } {
  return notingIo({ clock: () => now, sleep: () => Promise.resolve(), ...(signal && { signal }) })
}
