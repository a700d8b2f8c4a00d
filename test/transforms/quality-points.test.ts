import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calendarOf } from '../../core/calendar.ts'
import type { Finding, FindingKind } from '../../transforms/finding.ts'
import { countFindings, updateQuality, type QualityWritten } from '../../transforms/quality-points.ts'

const finding = (kind: FindingKind, service: string): Finding => ({
  kind,
  service,
  subject: 's',
  detail: 'd',
})
const teams = new Map([
  ['web', 'shop'],
  ['till', 'shop'],
  ['wiki', null],
])
const teamOf = (service: string) => teams.get(service)
const listed = (counts: ReturnType<typeof countFindings>) =>
  [...counts]
    .flatMap(([owner, own]) => [...own].map(([series, count]) => `${owner} ${series} ${count}`))
    .sort()

describe('findings are counted', () => {
  test('for their service, its team, and all', () => {
    const counts = countFindings(
      [
        finding('no_commits', 'web'),
        finding('no_commits', 'till'),
        finding('no_commits', 'wiki'),
        finding('paths_unknown', 'web'),
        finding('paths_unknown', 'web'),
      ],
      teamOf,
    )
    expect(listed(counts)).toEqual([
      'quality dora_quality,kind=no_commits,service=*,team=* 3',
      'quality dora_quality,kind=no_commits,service=*,team=shop 2',
      'quality dora_quality,kind=paths_unknown,service=*,team=* 2',
      'quality dora_quality,kind=paths_unknown,service=*,team=shop 2',
      'quality:till dora_quality,kind=no_commits,service=till,team=shop 1',
      'quality:web dora_quality,kind=no_commits,service=web,team=shop 1',
      'quality:web dora_quality,kind=paths_unknown,service=web,team=shop 2',
      'quality:wiki dora_quality,kind=no_commits,service=wiki,team=none 1',
    ])
  })

  test.each(['*', '', 'PXYZ'])('under all alone where the service is "%s"', (service) => {
    expect(listed(countFindings([finding('source_failed', service)], teamOf))).toEqual([
      'quality dora_quality,kind=source_failed,service=*,team=* 1',
    ])
  })
})

const calendar = calendarOf('Europe/Berlin')
const series = 'dora_quality,kind=no_commits,service=web,team=shop'

/** A store of points: what a list of refreshes, each with a count, leaves there, as `time count`. */
function pointsAfter(refreshes: readonly (readonly [at: string, count: number])[]): string[] {
  const points = new Map<number, string>()
  let written: QualityWritten = {}
  for (const [at, count] of refreshes) {
    const counts = new Map(count === 0 ? [] : [['quality:web', new Map([[series, count]])]])
    const update = updateQuality(written, counts, Date.parse(at), calendar)
    for (const each of update.remove) points.delete(each.at)
    for (const [, saved] of update.save) for (const { at: time, fields } of saved) points.set(time, fields)
    ;({ written } = update)
  }
  return [...points]
    .sort(([a], [b]) => a - b)
    .map(([at, fields]) => `${new Date(at).toISOString().slice(0, 16)} ${fields}`)
}

describe('the points of one series', () => {
  test.each<[string, [string, number][], string[]]>([
    ['nothing was ever found', [['2026-03-02T10:20Z', 0]], []],
    ['found', [['2026-03-02T10:20Z', 3]], ['2026-03-02T10:00 count=3i']],
    [
      'in the next hour the former one goes',
      [
        ['2026-03-02T10:20Z', 3],
        ['2026-03-02T11:20Z', 4],
      ],
      ['2026-03-02T11:00 count=4i'],
    ],
    [
      'the last of a day stays',
      [
        ['2026-03-02T10:20Z', 3],
        ['2026-03-02T22:20Z', 4],
        ['2026-03-02T23:20Z', 5],
      ],
      ['2026-03-02T22:00 count=4i', '2026-03-02T23:00 count=5i'],
    ],
    [
      'mended within the day',
      [
        ['2026-03-02T10:20Z', 3],
        ['2026-03-02T11:20Z', 0],
        ['2026-03-02T12:20Z', 0],
        ['2026-03-03T12:20Z', 0],
      ],
      ['2026-03-02T11:00 count=0i'],
    ],
    [
      'mended on another day',
      [
        ['2026-03-02T10:20Z', 3],
        ['2026-03-03T11:20Z', 0],
        ['2026-03-03T12:20Z', 0],
      ],
      ['2026-03-02T10:00 count=3i', '2026-03-03T11:00 count=0i'],
    ],
    [
      'mended, and found again on the same day',
      [
        ['2026-03-02T10:20Z', 3],
        ['2026-03-02T11:20Z', 0],
        ['2026-03-02T13:20Z', 2],
      ],
      ['2026-03-02T13:00 count=2i'],
    ],
    [
      'mended, and found again on another day',
      [
        ['2026-03-02T10:20Z', 3],
        ['2026-03-02T11:20Z', 0],
        ['2026-03-04T13:20Z', 2],
      ],
      ['2026-03-02T11:00 count=0i', '2026-03-04T13:00 count=2i'],
    ],
    [
      'twice in one hour',
      [
        ['2026-03-02T10:20Z', 3],
        ['2026-03-02T10:40Z', 1],
      ],
      ['2026-03-02T10:00 count=1i'],
    ],
    [
      'a clock that was set back',
      [
        ['2026-03-02T10:20Z', 3],
        ['2026-03-02T08:20Z', 4],
      ],
      ['2026-03-02T10:00 count=4i'],
    ],
  ])('%s', (_, refreshes, expected) => {
    const whole = refreshes.map(([at, count]) => [at.replace('Z', ':00Z'), count] as const)
    expect(pointsAfter(whole)).toEqual(expected)
  })

  test('of a service whose team is another now: zero for the former', () => {
    const before = updateQuality(
      {},
      new Map([['quality:web', new Map([[series, 2]])]]),
      Date.parse('2026-03-02T10:20:00Z'),
      calendar,
    )
    const other = series.replace('shop', 'store')
    const after = updateQuality(
      before.written,
      new Map([['quality:web', new Map([[other, 2]])]]),
      Date.parse('2026-03-03T10:20:00Z'),
      calendar,
    )
    expect(after.save).toMatchObject([
      [
        'quality:web',
        [
          { series, fields: 'count=0i' },
          { series: other, fields: 'count=2i' },
        ],
      ],
    ])
  })

  test('one a day, the last of it is the last count of the day, and the same again changes nothing', () => {
    const hour = 3_600_000
    const start = Date.parse('2026-03-25T00:00:00Z')
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 2 })))
    fc.assert(
      fc.property(steps, (list) => {
        let now = start
        const refreshes = list.map(([hours, count]) => {
          now += hours * hour
          return [new Date(now).toISOString(), count] as const
        })
        const repeated = refreshes.flatMap((each) => [each, each])
        expect(pointsAfter(repeated)).toEqual(pointsAfter(refreshes))

        // Told anew, day by day: the count at the end of the day, where it is not zero as it was before.
        const lastOfDay = new Map(refreshes.map(([at, count]) => [calendar.dayOf(Date.parse(at)), count]))
        const points = pointsAfter(refreshes)
        const ofDay = Map.groupBy(points, (point) => calendar.dayOf(Date.parse(`${point.slice(0, 16)}:00Z`)))
        for (const [day, count] of lastOfDay) {
          const found = ofDay.get(day) ?? []
          expect(found.length).toBeLessThanOrEqual(1)
          if (count > 0) expect(found[0]).toMatch(new RegExp(` count=${count}i$`))
          else if (found.length > 0) expect(found[0]).toMatch(/ count=0i$/)
        }
        // No panel is left above zero: after the last refresh the last point tells its count.
        const last = refreshes.at(-1)?.[1]
        if (last === 0 && points.length > 0) expect(points.at(-1)).toMatch(/ count=0i$/)
      }),
    )
  })
})
