import { expect, test } from 'vitest'
import { usualBots } from '../../core/bots.ts'
import { lineOf } from '../../loaders/line.ts'
import { counted } from '../../transforms/counted-events.ts'
import { mergedEvents } from '../../transforms/merged-events.ts'
import type { WindowEvents } from '../../transforms/window-events.ts'
import { pointsOfWindows } from '../../transforms/window-points.ts'
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
  const none = noEvents()
  const member = {
    events: counted(none, { ...coverage, from: 0 }, usualBots),
    known: none,
    merged: mergedEvents([], []),
    mergedAt: none.deploymentAt,
    bots: usualBots,
  }
  const members = [{ ...owner, ...member, coverage }]
  const asked = [false, true].map((withChanges) => ({ days: 30, ends: [to], withChanges }))
  const points = pointsOfWindows({ ...owner, members }, asked, '2023')
  const counts = points.map(({ fields }) =>
    fields.split(',').filter((field) => /^(?:n|\w+_n|merged_changes)=/.test(field)),
  )
  const removed = points.map(({ series }) =>
    lineOf(stored({ series, fields: null }))
      .split(' ')[1]!
      .split(','),
  )
  expect(removed.map((fields) => fields.sort())).toEqual(counts.map((fields) => fields.sort()))
  expect(points.map(({ series }) => series.split(',')[0])).toEqual(['dora_window', 'dora_flow'])
})

function noEvents(): WindowEvents {
  const none = new Float64Array()
  return {
    environment: 'production',
    deploymentAt: none,
    deploymentFlags: new Uint8Array(),
    changeCount: none,
    botCount: none,
    batchAgeMs: none,
    batchAgeOfPeopleMs: none,
    leadAt: none,
    leadMs: none,
    leadIsBot: new Uint8Array(),
    leadBucket: new Uint8Array(),
    codingMs: none,
    pickupMs: none,
    reviewMs: none,
    deployMs: none,
    reviewTimeMs: none,
    failureAt: none,
    failureOpen: new Uint8Array(),
    openSince: none,
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
