import { describe, expect, test } from 'vitest'
import { causeIn } from '../../extractors/pagerduty/caused-by.ts'
import { incidentOf, readRow, whyNot } from '../../extractors/pagerduty/incident.ts'
import { settingsSchema } from '../../extractors/pagerduty/settings.ts'

const none = { alerts: [], logEntries: [] }
const row = {
  id: 'Q1',
  status: 'resolved',
  created_at: '2026-03-02T10:00:00Z',
  resolved_at: '2026-03-02T11:00:00Z',
  last_status_change_at: '2026-03-02T11:30:00Z',
  urgency: 'high',
}
const at = (hour: number, minute = 0) => Date.UTC(2026, 2, 2, hour, minute)

describe('an incident', () => {
  test('starts with its earliest alert, and never after it was opened', () => {
    const alerted = (time: string) =>
      incidentOf('pd', readRow(row), { ...none, alerts: [{ created_at: time }] })
    expect(alerted('2026-03-02T09:50:00Z')).toMatchObject({ startedAt: at(9, 50), openedAt: at(10) })
    expect(alerted('2026-03-02T10:20:00Z')).toMatchObject({ startedAt: at(10), openedAt: at(10) })
    expect(incidentOf('pd', readRow(row), none)).toMatchObject({ startedAt: at(10) })
  })

  test('was acknowledged first when it was acknowledged first', () => {
    const logEntries = [
      { type: 'acknowledge_log_entry', created_at: '2026-03-02T10:30:00Z' },
      { type: 'unacknowledge_log_entry', created_at: '2026-03-02T10:20:00Z' },
      { type: 'acknowledge_log_entry', created_at: '2026-03-02T10:10:00Z' },
    ]
    expect(incidentOf('pd', readRow(row), { ...none, logEntries })).toMatchObject({
      acknowledgedAt: at(10, 10),
    })
    expect(incidentOf('pd', readRow(row), none)).not.toHaveProperty('acknowledgedAt')
  })

  test('was resolved when it says, else when its log last says, else when its status last changed', () => {
    const { resolved_at: said, ...older } = row
    const logEntries = [
      { type: 'resolve_log_entry', created_at: '2026-03-02T10:40:00Z' },
      { type: 'resolve_log_entry', created_at: '2026-03-02T11:20:00Z' },
    ]
    expect(said).toBe('2026-03-02T11:00:00Z')
    expect(incidentOf('pd', readRow(row), { ...none, logEntries })).toMatchObject({ resolvedAt: at(11) })
    expect(incidentOf('pd', readRow(older), { ...none, logEntries })).toMatchObject({
      resolvedAt: at(11, 20),
    })
    expect(incidentOf('pd', readRow(older), none)).toMatchObject({ resolvedAt: at(11, 30) })
    expect(() => incidentOf('pd', readRow({ ...older, last_status_change_at: null }), none)).toThrow(
      'last_status_change_at: null is no instant',
    )
  })

  test('is open while its status says so, whatever its instants', () => {
    expect(incidentOf('pd', readRow({ ...row, status: 'triggered' }), none)).not.toHaveProperty('resolvedAt')
  })

  test('has its priority as severity, else its urgency', () => {
    expect(incidentOf('pd', readRow({ ...row, priority: { summary: 'P2' } }), none)).toMatchObject({
      severity: 'P2',
    })
    expect(incidentOf('pd', readRow(row), none)).toMatchObject({ severity: 'high' })
  })

  test('that was merged, or is of another service, urgency or priority, is none', () => {
    const settings = settingsSchema.parse({
      token: 't',
      services: ['P1'],
      urgencies: ['high'],
      priorities: ['P1'],
    })
    const inScope = { ...row, service: { id: 'P1' }, priority: { summary: 'P1' } }
    const verdict = (change: object) => whyNot(readRow({ ...inScope, ...change }), settings)
    const merged = { type: 'merge_resolve_reason', incident: { id: 'Q9' } }
    expect(verdict({})).toBeUndefined()
    expect(verdict({ resolve_reason: merged })).toEqual({ merged: true, reason: 'merged into Q9' })
    expect(verdict({ service: { id: 'P2' } })?.reason).toBe('its service P2 is not configured')
    expect(verdict({ urgency: 'low' })?.reason).toBe('its urgency low is not configured')
    expect(verdict({ priority: null })?.reason).toBe('its priority (none) is not configured')
  })

  test.each([
    [null, 'is no incident'],
    [{ ...row, id: '' }, 'id: '],
    [{ ...row, status: 'Resolved' }, 'status: '],
    [{ ...row, created_at: undefined }, 'created_at: '],
  ])('%j is refused', (value, message) => {
    expect(() => readRow(value)).toThrow(expect.objectContaining({ name: 'Rejected' }))
    expect(() => readRow(value)).toThrow(message)
  })
})

describe('causeIn', () => {
  test.each<[unknown[], object | undefined]>([
    [[], undefined],
    [[undefined, null, 7, ''], undefined],
    [
      [{ deployment_id: 'acme/shop#9', sha: 'a1', version: '1.2' }],
      { deploymentId: 'acme/shop#9', sha: 'a1', version: '1.2' },
    ],
    [[{ commit: 'a1' }], { sha: 'a1' }],
    [[{ version: 12 }], { version: '12' }],
    [[{ sha: '' }], undefined],
    [[{ custom_details: { sha: 'a1' } }], { sha: 'a1' }],
    [[{ sha: 'first' }, { sha: 'second', version: '2' }], { sha: 'first', version: '2' }],
    [['Errors since version=1.4.2, sha="9f ce"'], { version: '1.4.2', sha: '9f ce' }],
    [['rolled out deployment_id=acme/shop#981;'], { deploymentId: 'acme/shop#981' }],
    [['TLS version: 1.2 refused, tls_version=1.2, x-sha=1'], undefined],
  ])('%j', (places, cause) => {
    expect(causeIn(places)).toEqual(cause)
  })
})
