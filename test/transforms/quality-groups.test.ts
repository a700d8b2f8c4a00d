import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compareFindings, type Finding, type FindingKind } from '../../transforms/finding.ts'
import { groupFindings, qualityGroups, rankOf } from '../../transforms/quality-groups.ts'

const root = join(import.meta.dirname, '..', '..')
/** Every kind there is, from the text of its type. */
const declared = [
  ...readFileSync(join(root, 'transforms', 'finding.ts'), 'utf8').matchAll(/^ {2}\| '(\w+)'$/gm),
].map(([, kind]) => kind as FindingKind)

const finding = (kind: FindingKind, more: Partial<Finding> = {}): Finding => ({
  kind,
  service: 'checkout',
  subject: 's',
  detail: 'd',
  ...more,
})
const everything = () => true

describe('groups', () => {
  test('every kind of finding is in exactly one group', () => {
    expect(declared.length).toBeGreaterThan(20)
    expect(qualityGroups.flatMap(({ kinds }) => kinds).toSorted()).toEqual(declared.toSorted())
  })

  test('every remedy is one sentence and names a command or a key', () => {
    for (const { remedy } of qualityGroups) {
      expect(remedy).toMatch(/^[A-Z].*`[^`]+`.*\.$/)
      expect(remedy).not.toMatch(/[.!?] [A-Z]/)
    }
  })

  test('every key that a remedy names is one of the configuration, of a fact, or a value of one', () => {
    const keys = readFileSync(join(root, 'config', 'example.yaml'), 'utf8')
    const facts = readFileSync(join(root, 'docs', 'metrics.md'), 'utf8')
    for (const { remedy } of qualityGroups) {
      for (const [, named = ''] of remedy.matchAll(/`([^`]+)`/g)) {
        const command = /^dorado (\w+)/.exec(named)?.[1]
        if (command !== undefined) {
          expect(readFileSync(join(root, 'cli.ts'), 'utf8')).toContain(`.command('${command}')`)
          continue
        }
        const known = keys.includes(named.split(':')[0]!) || facts.includes(`\`${named}\``)
        expect(known, named).toBe(true)
      }
    }
  })

  test('the documentation has every kind, and the groups in their order', () => {
    const page = readFileSync(join(root, 'docs', 'metrics.md'), 'utf8')
    expect(declared.filter((kind) => !page.includes(`| \`${kind}\` |`))).toEqual([])
    const rows = qualityGroups.map(
      ({ title, kinds, remedy }) =>
        `| ${title} | ${kinds.map((kind) => `\`${kind}\``).join(', ')} | ${remedy} |`,
    )
    expect(page).toContain(rows.join('\n'))
  })

  test('findings are counted by group, with the services concerned and an example of the most frequent kind', () => {
    const groups = groupFindings(
      [
        finding('phase_out_of_order', { service: 'web', subject: 'b' }),
        finding('negative_lead_time', { subject: 'x' }),
        finding('phase_out_of_order', { service: 'web', subject: 'a' }),
        finding('source_failed', { service: '*', services: ['web', 'ledger'] }),
        finding('incident_without_service', { service: 'PX' }),
      ],
      (name) => name !== 'PX',
    )
    expect(groups.map(({ group, count, services, kinds }) => ({ group, count, services, kinds }))).toEqual([
      { group: 'sources_behind', count: 1, services: ['ledger', 'web'], kinds: { source_failed: 1 } },
      {
        group: 'incidents_without_service',
        count: 1,
        services: [],
        kinds: { incident_without_service: 1 },
      },
      {
        group: 'clocks',
        count: 3,
        services: ['checkout', 'web'],
        kinds: { phase_out_of_order: 2, negative_lead_time: 1 },
      },
    ])
    expect(groups[2]!.example.subject).toBe('a')
    expect(groups[2]!.findings).toHaveLength(3)
  })

  test('nothing found, no groups', () => expect(groupFindings([], everything)).toEqual([]))

  test('the kinds of a group have the rank of the group', () => {
    for (const [rank, { kinds }] of qualityGroups.entries())
      for (const kind of kinds) expect(rankOf(kind)).toBe(rank)
  })
})

describe('the order of findings', () => {
  const texts = fc.constantFrom('', 'a', 'b', 'B', 'ä')
  const findings = fc.array(
    fc.record({
      kind: fc.constantFrom<FindingKind>('no_commits', 'paths_unknown'),
      service: texts,
      environment: texts,
      subject: texts,
      detail: texts,
    }),
  )

  test('is the same whatever order they came in', () => {
    fc.assert(
      fc.property(findings, fc.infiniteStream(fc.nat()), (list, chance) => {
        const shuffled = list.toSorted(() => (chance.next().value as number) - 1_000_000_000)
        expect(shuffled.toSorted(compareFindings)).toEqual(list.toSorted(compareFindings))
      }),
    )
  })

  test.each<[keyof Finding, string, string]>([
    ['service', 'a', 'b'],
    ['environment', 'a', 'b'],
    ['subject', 'a', 'b'],
    ['detail', 'a', 'b'],
    ['kind', 'no_commits', 'paths_unknown'],
  ])('by %s, %s comes before %s', (key, first, second) => {
    const [a, b] = [first, second].map((value) => finding('no_commits', { [key]: value }))
    expect(compareFindings(a!, b!)).toBeLessThan(0)
    expect(compareFindings(b!, a!)).toBeGreaterThan(0)
  })
})
