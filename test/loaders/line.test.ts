import { expect, test } from 'vitest'
import { lineOf } from '../../loaders/line.ts'
import type { WindowEvents } from '../../transforms/window-events.ts'
import { windowPoints } from '../../transforms/window-points.ts'
import { emptyWindow, stored } from './samples.ts'

const event = { series: 'dora_deployment,service=a', at: 1_780_000_000_000, nanos: 42 }

test('a window is written as it is stored', () => {
  expect(lineOf(stored())).toBe('dora_window,service=a,window=7d n=1i 1000000000')
})

test('an event says that it is not deleted, for it may have been', () => {
  expect(lineOf(stored({ ...event, fields: 'failed=true' }))).toBe(
    'dora_deployment,service=a failed=true,deleted=false 1780000000000000042',
  )
})

test('a count of findings says so too, for the next hour removes it', () => {
  const quality = { series: 'dora_quality,kind=no_commits,service=a,team=none' }
  expect(lineOf(stored({ ...quality, fields: 'count=3i' }))).toBe(
    `${quality.series} count=3i,deleted=false 1000000000`,
  )
  expect(lineOf(stored({ ...quality, fields: null }))).toBe(`${quality.series} deleted=true 1000000000`)
})

test('a point of the pipeline, which is never removed, says nothing of that', () => {
  expect(lineOf(stored({ series: 'dora_pipeline,step=load', fields: 'facts=1i' }))).toBe(
    'dora_pipeline,step=load facts=1i 1000000000',
  )
})

test('a removed window is overwritten with every n = 0, anything else with deleted = true', () => {
  expect(lineOf(stored({ fields: null }))).toBe(`dora_window,service=a,window=7d ${emptyWindow} 1000000000`)
  expect(lineOf(stored({ ...event, fields: null }))).toBe(
    'dora_deployment,service=a deleted=true 1780000000000000042',
  )
})

test('every n that a window has is overwritten', () => {
  const to = Date.UTC(2026, 2, 2)
  const coverage = { from: 0, until: to, changesUntil: to, incidentsUntil: to }
  const owner = { service: 'a', team: 'b', environment: 'production', timezone: 'UTC' }
  const members = [{ ...owner, events: noEvents(), coverage }]
  const [point] = windowPoints({ ...owner, members }, [to], 7, '2023')
  const counts = point?.fields.split(',').filter((field) => /^(?:n|\w+_n)=/.test(field))
  expect(counts).toEqual(emptyWindow.split(','))
})

function noEvents(): WindowEvents {
  const none = new Float64Array()
  return {
    environment: 'production',
    deploymentAt: none,
    deploymentFlags: new Uint8Array(),
    leadAt: none,
    leadMs: none,
    botAt: none,
    failureAt: none,
    failureOpen: new Uint8Array(),
    recoveryMs: none,
    fromDeploymentMs: none,
    incidentAt: none,
    incidentAttributed: new Uint8Array(),
    incidentMs: none,
    sharedDeployments: new Map(),
    sharedFailures: new Map(),
    sharedIncidents: new Map(),
  }
}
