import { z } from 'zod'
import type { Calendar } from '../core/calendar.ts'
import { Rejected } from '../core/errors.ts'
import { shown } from '../core/instant.ts'
import { textField, textOrList } from '../core/setting-fields.ts'
import { timezoneField } from '../core/timezone-field.ts'
import type { Route } from './route.ts'

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/** Minutes that a clock on the wall shows; where the end is not after the beginning, it is that of the next day. */
interface Span {
  from: number
  to: number
}

const dayMinutes = 24 * 60

const spanField = textField(
  (text): Span => {
    const [, fromHour, fromMinute, toHour, toMinute] = /^(\d\d?):(\d\d)-(\d\d?):(\d\d)$/.exec(text) ?? []
    const from = minutesOf(fromHour, fromMinute)
    const to = minutesOf(toHour, toMinute)
    if (from === undefined || to === undefined || from === dayMinutes)
      throw new Rejected(`${shown(text)} is no time of day; write from-to, such as 22:00-06:00`)
    if (from === to)
      throw new Rejected(`${shown(text)} ends when it begins; leave times out for the whole day`)
    return { from, to }
  },
  ['22:00-06:00'],
)

function minutesOf(hour: string | undefined, minute: string | undefined): number | undefined {
  const minutes = Number(hour) * 60 + Number(minute)
  return Number(minute) < 60 && minutes <= dayMinutes ? minutes : undefined
}

function isForEver({ days: named, times }: { days?: string[] | undefined; times?: Span[] | undefined }) {
  const isEveryDay = named === undefined || new Set(named).size === days.length
  return isEveryDay && (times?.some(({ from, to }) => from === 0 && to === dayMinutes) ?? true)
}

const oneOrMany = <Item extends z.ZodType>(item: Item) => textOrList(z.array(item).min(1))

/** An entry of `muteTimes`. */
export const muteTimeSchema = z
  .strictObject({
    name: z.string().min(1).max(100),
    /** Those on which the times begin; every day, where nothing is said. */
    days: oneOrMany(z.enum(days)).optional(),
    /** The whole day, where nothing is said. */
    times: oneOrMany(spanField).optional(),
    /** That of the alert's team, where nothing is said. */
    timezone: timezoneField().optional(),
  })
  .refine((mute) => !isForEver(mute), {
    message: 'would be for ever; name the days or times when nothing is told',
    path: ['name'],
  })

export type MuteTime = z.output<typeof muteTimeSchema>

/**
 * Whether it is that time where the calendar is, as a clock on the wall shows it: an hour that comes twice belongs to it
 * both times. A time over midnight belongs to the day on which it begins.
 */
export function isMuteTime({ days: named, times }: MuteTime, at: number, calendar: Calendar): boolean {
  const weekday = calendar.weekday(at)
  const isNamed = (day: number) => named === undefined || named.includes(days[(day + 6) % 7]!)
  if (times === undefined) return isNamed(weekday)
  const minute = calendar.minuteOf(at)
  return times.some(({ from, to }) => {
    if (from < to) return isNamed(weekday) && from <= minute && minute < to
    return (isNamed(weekday) && minute >= from) || (isNamed(weekday - 1) && minute < to)
  })
}

/** What is wrong between mute times and routes, each with its place under `alerts`. */
export function muteClashes(
  muteTimes: readonly MuteTime[],
  routes: readonly Route[],
): { path: (string | number)[]; message: string }[] {
  const clashes: { path: (string | number)[]; message: string }[] = []
  const names = muteTimes.map(({ name }) => name)
  const used = new Set(routes.flatMap(({ mute = [] }) => mute))
  for (const [index, name] of names.entries()) {
    const path = ['muteTimes', index, 'name']
    if (names.indexOf(name) < index)
      clashes.push({ path, message: `${name} is the name of another mute time, too` })
    else if (!used.has(name))
      clashes.push({ path, message: `no route names ${name}; write mute: [${name}] at one` })
  }
  for (const [index, { mute = [] }] of routes.entries()) {
    for (const name of mute) {
      if (names.includes(name)) continue
      const there =
        names.length === 0 ? 'there is none under muteTimes' : `there are ${[...new Set(names)].join(', ')}`
      clashes.push({ path: ['routes', index, 'mute'], message: `no mute time ${name}; ${there}` })
    }
  }
  return clashes
}
