import { describe, expect, test } from 'vitest'
import { backoffMs, verdictOf, waitOf } from '../../core/http-retry.ts'

const now = Date.UTC(2026, 2, 2, 10)

describe('verdictOf', () => {
  test.each([200, 201, 202, 204, 304])('%i is an answer', (status) => {
    expect(verdictOf({ status, headers: {}, body: '' }, now)).toEqual({ kind: 'answer' })
  })
  test.each([400, 401, 403, 404, 410, 422, 301])('%i is refused', (status) => {
    expect(verdictOf({ status, headers: {}, body: { message: 'no' } }, now)).toEqual({ kind: 'refused' })
  })
  test.each([408, 425, 500, 502, 503, 504])('%i may pass', (status) => {
    expect(verdictOf({ status, headers: {}, body: '' }, now)).toEqual({ kind: 'failed' })
  })
  test('429 without headers is a limit without a time', () => {
    expect(verdictOf({ status: 429, headers: {}, body: '' }, now)).toEqual({ kind: 'limited' })
  })
  test.each([
    [429, { 'retry-after': '7' }, '', 7000],
    [503, { 'retry-after': '7' }, '', 7000],
    [403, { 'retry-after': '7' }, '', 7000],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 90) }, '', 90_000],
    [403, {}, { message: 'You have exceeded a secondary rate limit.' }, 60_000],
  ])('%i with %j and body %j waits', (status, headers: Record<string, string>, body, waitMs) => {
    expect(verdictOf({ status, headers, body }, now)).toEqual({ kind: 'limited', waitMs })
  })
})

describe('waitOf', () => {
  test.each([
    [{}, undefined],
    [{ 'retry-after': '30' }, 30_000],
    [{ 'retry-after': '0' }, 1000],
    [{ 'retry-after': 'Mon, 02 Mar 2026 10:02:00 GMT' }, 120_000],
    [{ 'retry-after': 'Mon, 02 Mar 2026 09:00:00 GMT' }, 1000],
    [{ 'retry-after': '999999' }, 65 * 60_000],
    [{ 'retry-after': 'soon', 'ratelimit-reset': '12' }, 12_000],
    [{ 'ratelimit-reset': '12' }, 12_000],
    [{ 'ratelimit-reset': String(now / 1000 + 12) }, 12_000],
    [{ 'x-ratelimit-reset': String(now / 1000 - 12) }, 1000],
  ])('%j', (headers: Record<string, string>, expected) => {
    expect(waitOf(headers, now)).toBe(expected)
  })
})

test('backoff is full jitter below a bound that doubles up to a minute', () => {
  expect([1, 2, 3, 4, 9].map((tryNumber) => backoffMs(tryNumber, 1000, () => 1))).toEqual([
    1000, 2000, 4000, 8000, 60_000,
  ])
  expect(backoffMs(4, 1000, () => 0)).toBe(0)
})
