import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findingText, kindLines, qualityTable, visible, widthOf, wrap } from '../../cli/quality-table.ts'
import { safeJson } from '../../cli/quality.ts'
import type { Finding } from '../../transforms/finding.ts'
import { groupFindings, qualityGroups } from '../../transforms/quality-groups.ts'

const finding = (more: Partial<Finding> = {}): Finding => ({
  kind: 'baseline_unresolved',
  service: 'web',
  environment: 'production',
  subject: 'acme/web#1',
  detail: 'commit b is not known',
  ...more,
})

const ofSource: Finding = { kind: 'source_failed', service: '*', subject: 'github', detail: 'is down' }

test.each<[string, Finding, string]>([
  ['whose, where, what', finding(), 'web (production) acme/web#1: commit b is not known'],
  ['of the service itself', finding({ subject: 'web' }), 'web (production): commit b is not known'],
  ['of a source', ofSource, 'github: is down'],
  ['of no service', { ...ofSource, service: '', subject: 'Q1' }, 'Q1: is down'],
])('a finding in a line: %s', (_, found, text) => expect(findingText(found)).toBe(text))

test('lines are cut at the width, and kinds of the most useful group come first', () => {
  const lines = kindLines([finding(), { ...ofSource, detail: 'could not be reached' }, finding()], 40)
  expect(lines).toEqual([
    '  source_failed × 1: github: could not …',
    '  baseline_unresolved × 2: web (product…',
  ])
})

describe('what others wrote does not reach the terminal as it is', () => {
  const nasty = 'a\u001b[31mb\u009b7mc\u202ed\u2028e\u0000\u{e0001}f'

  test('in a table', () => expect(visible(nasty)).toBe('a?[31mb?7mc?d?e??f'))

  test('in JSON it is escaped, and still the same', () => {
    const text = safeJson({ nasty, lines: ['a\nb'] })
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(JSON.parse(text)).toEqual({ nasty, lines: ['a\nb'] })
  })
})

describe('the table', () => {
  const every = qualityGroups.flatMap(({ kinds }) =>
    kinds.map((kind) => finding({ kind, detail: 'long '.repeat(40), services: ['web', 'till'] })),
  )
  const groups = groupFindings(every, () => true)

  test.each([60, 80, 99, 100, 120, 200])('is no wider than %s, and has every group', (width) => {
    const text = qualityTable(groups, width)
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
    const words = text.replaceAll(/[│\s]+/g, ' ')
    for (const { title } of groups) expect(words).toContain(title.split(' ')[0])
  })

  test('names five services, and counts the others', () => {
    const findings = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((service) => finding({ service }))
    expect(
      qualityTable(
        groupFindings(findings, () => true),
        80,
      ),
    ).toContain('services  a, b, c, d, e, and 2 more')
    const ofAll = [finding({ kind: 'sink_behind', service: '*' })]
    expect(
      qualityTable(
        groupFindings(ofAll, () => true),
        80,
      ),
    ).toContain('services  all')
    const ofNone = [finding({ kind: 'incident_without_service', service: 'PX' })]
    expect(
      qualityTable(
        groupFindings(ofNone, () => false),
        80,
      ),
    ).toContain('services  –')
  })

  test('where the output is no terminal, or a tiny one, it has the usual width', () => {
    expect([widthOf({}), widthOf({ columns: 0 }), widthOf({ columns: 72 })]).toEqual([160, 160, 72])
  })
})

test('wrapped lines fit, and lose nothing but the spaces they are broken at', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '-', '\n'), maxLength: 80 })
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 20 }), (text, width) => {
      const wrapped = wrap(text, width)
      for (const line of wrapped.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
      const letters = (of: string) => of.replaceAll(/\s/g, '')
      expect(letters(wrapped)).toBe(letters(text))
    }),
  )
  expect(wrap('one two three', 7)).toBe('one two\nthree')
})
