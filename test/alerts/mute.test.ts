import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isMuteTime, muteTimeSchema } from '../../alerts/mute.ts'
import { alertsSchema } from '../../alerts/settings.ts'
import { calendarOf } from '../../core/calendar.ts'

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const at = (text: string) => Date.parse(text)
const isMuted = (mute: object, instant: string | number, zone = 'UTC') =>
  isMuteTime(
    muteTimeSchema.parse({ name: 'quiet', ...mute }),
    typeof instant === 'number' ? instant : at(instant),
    calendarOf(zone),
  )

describe('a mute time', () => {
  test('over midnight belongs to the day on which it begins', () => {
    // The 13th of March 2026 is a Friday.
    const mute = { days: 'friday', times: '22:00-06:00' }
    expect(isMuted(mute, '2026-03-13T05:59:00Z')).toBe(false)
    expect(isMuted(mute, '2026-03-13T21:59:00Z')).toBe(false)
    expect(isMuted(mute, '2026-03-13T22:00:00Z')).toBe(true)
    expect(isMuted(mute, '2026-03-14T05:59:59Z')).toBe(true)
    expect(isMuted(mute, '2026-03-14T06:00:00Z')).toBe(false)
    expect(isMuted(mute, '2026-03-14T22:00:00Z')).toBe(false)
  })

  test('of whole days is that of local days', () => {
    const mute = { days: ['saturday', 'sunday'] }
    expect(isMuted(mute, '2026-03-13T23:30:00Z', 'Europe/Berlin')).toBe(true)
    expect(isMuted(mute, '2026-03-13T23:30:00Z')).toBe(false)
    expect(isMuted(mute, '2026-03-15T23:30:00Z', 'Europe/Berlin')).toBe(false)
  })

  test('is what clocks show where they are changed', () => {
    const mute = { times: '01:30-02:30' }
    const zone = 'Europe/Berlin'
    // At 01:00 UTC clocks go from 02:00 to 03:00 in March, and from 03:00 back to 02:00 in October.
    expect(isMuted(mute, '2026-03-29T00:59:00Z', zone)).toBe(true)
    expect(isMuted(mute, '2026-03-29T01:00:00Z', zone)).toBe(false)
    expect(isMuted(mute, '2026-10-25T00:15:00Z', zone)).toBe(true)
    expect(isMuted(mute, '2026-10-25T00:45:00Z', zone)).toBe(false)
    expect(isMuted(mute, '2026-10-25T01:15:00Z', zone)).toBe(true)
    expect(isMuted(mute, '2026-10-25T01:45:00Z', zone)).toBe(false)
  })

  test('holds when a clock and a calendar on the wall say so, in any zone', () => {
    const minute = fc.integer({ min: 0, max: 24 * 60 - 1 })
    const clock = (of: number) =>
      `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`
    fc.assert(
      fc.property(
        fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
        fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2027-01-01T00:00Z') }),
        fc.subarray(days, { minLength: 1 }),
        minute,
        minute,
        (zone, instant, named, from, to) => {
          fc.pre(from !== to)
          const parts = new Intl.DateTimeFormat('en-GB', {
            timeZone: zone,
            weekday: 'long',
            hour: '2-digit',
            minute: '2-digit',
            hourCycle: 'h23',
          }).formatToParts(instant)
          const part = (type: string) => parts.find((each) => each.type === type)!.value
          const now = `${part('hour')}:${part('minute')}`
          const today = days.indexOf(part('weekday').toLowerCase())
          const begins = (offset: number) => named.includes(days[(today + offset + 7) % 7]!)
          const expected =
            from < to
              ? begins(0) && now >= clock(from) && now < clock(to)
              : (begins(0) && now >= clock(from)) || (begins(-1) && now < clock(to))
          expect(isMuted({ days: named, times: `${clock(from)}-${clock(to)}` }, instant, zone)).toBe(expected)
        },
      ),
      { numRuns: 500 },
    )
  })
})

test.each([
  [{ muteTimes: [{ name: 'weekend', days: 'saturday' }] }, 'no route names weekend'],
  [
    { routes: [{ channels: 'chat', mute: 'weekend' }] },
    'no mute time weekend; there is none under muteTimes',
  ],
  [
    {
      routes: [{ channels: 'chat', mute: ['night', 'weekend'] }],
      muteTimes: [{ name: 'night', times: '22:00-06:00' }],
    },
    'no mute time weekend; there are night',
  ],
  [{ muteTimes: [{ name: 'a', times: '22-6' }] }, '"22-6" is no time of day; write from-to'],
  [{ muteTimes: [{ name: 'a', times: '22:00-25:00' }] }, 'is no time of day'],
  [{ muteTimes: [{ name: 'a', times: '22:60-23:00' }] }, 'is no time of day'],
  [{ muteTimes: [{ name: 'a', times: '08:00-08:00' }] }, 'ends when it begins'],
  [{ muteTimes: [{ name: 'a' }] }, 'would be for ever'],
  [{ muteTimes: [{ name: 'a', times: ['08:00-09:00', '00:00-24:00'] }] }, 'would be for ever'],
  [{ muteTimes: [{ name: 'a', days }] }, 'would be for ever'],
  [{ muteTimes: [{ name: 'a', days: 'monday', timezone: 'Europe/Berlln' }] }, 'did you mean Europe/Berlin?'],
  [
    {
      routes: [{ channels: 'chat', mute: 'a' }],
      muteTimes: [
        { name: 'a', days: 'monday' },
        { name: 'a', days: 'sunday' },
      ],
    },
    'a is the name of another mute time, too',
  ],
])('%j is refused', (alerts, problem) => {
  const { error } = alertsSchema.safeParse(alerts)
  expect(error?.issues.map(({ message }) => message).join('\n')).toContain(problem)
})
