import { Rejected } from './errors.ts'
import { shown } from './instant.ts'

const unitsMs = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
} as const

type Unit = keyof typeof unitsMs

const pattern = /^(?:\d+(?:\.\d+)?[wdhms])+$/

/** `30m`, `1h`, `7d`, `2w`, `1d12h` as whole milliseconds. Throws Rejected, with what to write instead. */
export function parseDuration(text: unknown): number {
  if (typeof text !== 'string' || !pattern.test(text)) {
    throw new Rejected(`${shown(text)} is no duration; write a number and a unit, such as 30m, 1h, 7d or 2w`)
  }
  let ms = 0
  for (const [, count, unit] of text.matchAll(/([\d.]+)([wdhms])/g)) {
    ms += Number(count) * unitsMs[unit as Unit]
  }
  if (!Number.isSafeInteger(Math.round(ms))) throw new Rejected(`${shown(text)} is longer than any history`)
  return Math.round(ms)
}

/** The shortest text that `parseDuration` reads as `ms`, to the second; weeks are written as days. */
export function formatDuration(ms: number): string {
  let left = Math.round(ms / 1000) * 1000
  let text = ''
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(left / unitsMs[unit])
    if (count > 0) text += `${count}${unit}`
    left -= count * unitsMs[unit]
  }
  return text === '' ? '0s' : text
}
