import { validate } from 'node-cron'
import { expect, test } from 'vitest'
import { checkCron } from '../../core/cron.ts'
import { Rejected } from '../../core/errors.ts'

test.each([
  '0 * * * *',
  '*/15 * * * *',
  '5,35 8-18 * * mon-fri',
  '0 3 1 jan,JUL *',
  '0-30/10 0-23/2 * * 0',
  '59 23 31 12 *',
  '0 0 29 2 *',
  '0 0 * * 7',
])('%s is one that the scheduler takes, too', (pattern) => {
  expect(checkCron(pattern)).toBe(pattern)
  expect(validate(pattern)).toBe(true)
})

test('blanks are made single', () => {
  expect(checkCron('  0   *  * * * ')).toBe('0 * * * *')
})

test.each([
  ['', '"" has no fields'],
  ['0 0 * * * *', 'has 6 fields; write five'],
  ['@hourly', 'has 1 fields'],
  ['60 * * * *', '"60" is no minute; write * or a number from 0 to 59'],
  ['* 24 * * *', '"24" is no hour'],
  ['* * 0 * *', '"0" is no day of the month; write * or a number from 1 to 31'],
  ['* * * 13 *', '"13" is no month'],
  ['* * * * 8', '"8" is no day of the week'],
  ['* * * * foo', '"foo" is no day of the week'],
  ['jan * * * *', '"jan" is no minute'],
  ['1, * * * *', '"" is no minute'],
  ['*/0 * * * *', '"*/0" is no step; write */5, or a range such as 0-59/5'],
  ['5/15 * * * *', '"5/15" is no step; write */15'],
  ['30-10 * * * *', 'minute "30-10" runs backwards; write two ranges with a comma'],
  ['0 0 L * *', '"L" is no day of the month'],
  ['0 0 1 * 1', 'sets a day of the month and a day of the week'],
  ['0 0 31 2,4 *', '"0 0 31 2,4 *" is a day that never comes'],
])('%j is refused', (pattern, reason) => {
  expect(() => checkCron(pattern)).toThrow(Rejected)
  expect(() => checkCron(pattern)).toThrow(reason)
})
