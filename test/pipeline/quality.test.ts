import { describe, expect, test } from 'vitest'
import { kindLines } from '../../cli/quality-table.ts'
import { parseFact } from '../../core/fact-json.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import { behindBefore, qualityAt } from '../../pipeline/quality.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Finding } from '../../transforms/finding.ts'
import { compareFindings } from '../../transforms/finding.ts'
import { groupFindings } from '../../transforms/quality-groups.ts'
import { optionsOf } from '../analyse.ts'
import { qualityCases, sound, type QualityCase } from './quality-cases.ts'

const asOf = Date.parse('2026-03-10T00:00:00Z')
const web = { name: 'web', repository: 'acme/web' }

async function foundIn({
  services = [web],
  facts,
}: Pick<QualityCase, 'services' | 'facts'>): Promise<Finding[]> {
  const store = openSqlite({ path: ':memory:' })
  try {
    await store.facts.save({ facts: facts.map((fact) => parseFact(JSON.parse(JSON.stringify(fact)))) })
    const derivation = optionsOf({ services }, asOf)
    await deriveChanges(store, derivation)
    return (await qualityAt({ store, extractors: [], loaders: [], derivation }, asOf)).findings
  } finally {
    store.close()
  }
}

const withId = (id: string) => ({ ...web, incidents: [id] })

describe('from facts to the printed line', () => {
  test('nothing is found where nothing is wrong', async () => expect(await foundIn(sound)).toEqual([]))

  test.each(qualityCases.map((each) => [each.why, each] as const))('%s', async (_, { line, ...told }) => {
    const usesId = JSON.stringify(told.facts).includes('"P1"')
    const found = await foundIn({ services: [usesId ? withId('P1') : web], ...told })
    const kind = line.split(' ', 1)[0]!
    const about = found.filter((finding) => finding.kind === kind)
    expect(kindLines(about, 400)).toEqual([`  ${line}`])
    // Every one of them is in its group, and nothing is found beside what the case is about.
    expect(groupFindings(found, () => true).flatMap(({ findings }) => findings)).toHaveLength(found.length)
  })

  test('a remediation after the window', async () => {
    const facts = [
      ...sound.facts.slice(0, 4),
      {
        ...sound.facts[2],
        id: '3',
        finishedAt: '2026-03-09T10:00:00Z',
        isRollback: true,
      },
    ]
    const found = await foundIn({
      services: [{ ...web, remediationWindow: '1d' }],
      facts,
    })
    expect(kindLines(found, 400)).toEqual([
      expect.stringMatching(/^ {2}recovery_unknown × 1: web \(production\) 2: /),
    ])
  })

  test('the order of the facts does not change the list', async () => {
    const facts = qualityCases.flatMap((each, index) =>
      each.facts.map((fact): object => {
        const { id, repository } = fact as { id: string; repository?: string }
        return { ...fact, id: `${index} ${id}`, ...(repository && { repository: `${repository}${index}` }) }
      }),
    )
    const services = qualityCases.map((_, index) => ({
      name: `web${index}`,
      repository: `acme/web${index}`,
      incidents: index === 0 ? ['P1'] : [],
    }))
    const sorted = (found: readonly Finding[]) => JSON.stringify(found.toSorted(compareFindings))
    const [forwards, backwards] = [
      await foundIn({ services, facts }),
      await foundIn({ services, facts: facts.toReversed() }),
    ]
    expect(forwards.length).toBeGreaterThan(10)
    expect(sorted(forwards)).toBe(sorted(backwards))
  })
})

describe('what is behind has missed a slot and is older than two intervals', () => {
  test.each([
    ['every hour', '0 * * * *', '2026-03-10T10:30Z', '2026-03-10T08:30Z'],
    ['every hour, on the slot', '0 * * * *', '2026-03-10T10:00Z', '2026-03-10T08:00Z'],
    ['every quarter', '*/15 * * * *', '2026-03-10T10:31Z', '2026-03-10T10:01Z'],
    ['once a day', '0 6 * * *', '2026-03-10T10:00Z', '2026-03-08T10:00Z'],
    ['on weekdays, on a Sunday', '0 6 * * 1-5', '2026-03-08T12:00Z', '2026-03-05T06:00Z'],
    ['on weekdays, on a Monday', '0 6 * * 1-5', '2026-03-09T12:00Z', '2026-03-05T12:00Z'],
  ])('%s', (_, schedule, now, before) => {
    const at = (text: string) => Date.parse(text.replace('Z', ':00Z'))
    expect(new Date(behindBefore(schedule, at(now))!).toISOString()).toBe(new Date(at(before)).toISOString())
  })
})
