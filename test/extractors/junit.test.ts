import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { formatFact, parseFact } from '../../core/fact-json.ts'
import { readJunit, reportOf } from '../../extractors/junit.ts'
import { readXml } from '../../extractors/junit-xml.ts'

const fixture = (name: string) => join(import.meta.dirname, '..', 'fixtures', 'junit', `${name}.xml`)
const folder = mkdtempSync(join(tmpdir(), 'dorado-junit-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(content: string | Buffer): string {
  const path = join(folder, 'report.xml')
  writeFileSync(path, content)
  return path
}

async function countsOf(path: string) {
  const { tests, ...rest } = (await readJunit(path))!
  return { ...rest, tests: tests.map(({ suite, name, passed, failed }) => [suite, name, passed, failed]) }
}

const wrapped = (cases: string, more = '') =>
  `<testsuites><testsuite name="s" timestamp="2026-03-02T10:00:00">${cases}</testsuite></testsuites>${more}`

describe('what producers write', () => {
  test.each([
    [
      'surefire',
      undefined,
      [
        ['com.acme.CartTest', 'addsItem', 1, 0],
        ['com.acme.CartTest', 'removesItem', 0, 3],
        ['com.acme.CartTest', 'times', 0, 1],
        ['com.acme.CartTest', 'sometimes', 1, 2],
        ['com.acme.CartTest', 'prints', 1, 0],
      ],
    ],
    [
      'pytest',
      '2026-03-02T09:00:00.123Z',
      [
        ['tests.test_cart', 'test_add[1-2]', 1, 0],
        ['tests.test_cart', 'test_add[é-"x"]', 1, 0],
        ['tests.test_cart', 'test_remove', 0, 1],
        ['tests.test_cart', 'test_db', 0, 1],
      ],
    ],
    [
      'jest',
      '2026-03-02T10:00:01.000Z',
      [
        ['cart adds an item', 'cart adds an item', 1, 0],
        ['cart removes an item', 'cart removes an item', 0, 1],
      ],
    ],
    [
      'gotestsum',
      '2026-03-02T10:00:00.000Z',
      [
        ['github.com/acme/shop/cart', 'TestAdd', 1, 0],
        ['github.com/acme/shop/cart', 'TestAdd/empty', 1, 0],
        ['github.com/acme/shop/cart', 'TestRace', 1, 1],
      ],
    ],
    [
      'nextest',
      undefined,
      [
        ['shop::cart', 'tests::adds', 1, 0],
        ['shop::cart', 'tests::retried', 1, 1],
        ['shop::cart', 'tests::broken', 0, 1],
      ],
    ],
    [
      'phpunit',
      undefined,
      [
        ['Acme.CartTest', 'testAdds', 1, 0],
        ['Acme\\CartTest::testPrices', 'testPrices with data set #0', 1, 0],
        ['Acme\\CartTest::testPrices', 'testPrices with data set #1', 0, 1],
      ],
    ],
  ])('%s', async (name, startedAt, tests) => {
    const counts = await countsOf(fixture(name))
    expect(counts.tests).toEqual(tests)
    expect(counts.startedAt).toBe(startedAt === undefined ? undefined : Date.parse(startedAt))
  })

  test('googletest: what is disabled or skipped is no run, and what has no name is no test', async () => {
    const { tests, nameless } = await countsOf(fixture('googletest'))
    expect(tests).toEqual([['Cart', 'Adds', 1, 0]])
    expect(nameless).toBe(1)
  })
})

describe('encodings', () => {
  const named = (encoding: string) =>
    `<?xml version="1.0" encoding="${encoding}"?>\n${wrapped('<testcase name="Prüfung" classname="ä"/>')}`
  test.each<[string, Buffer]>([
    ['UTF-8', Buffer.from(named('UTF-8'))],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${named('utf-8')}`)],
    ['ISO-8859-1', Buffer.from(named('ISO-8859-1'), 'latin1')],
    ['UTF-16 with a byte order mark', Buffer.from(`\uFEFF${named('UTF-16')}`, 'utf16le')],
    ['UTF-16 big endian', Buffer.from(`\uFEFF${named('UTF-16')}`, 'utf16le').swap16()],
  ])('%s', async (_, bytes) => {
    expect((await countsOf(written(bytes))).tests).toEqual([['ä', 'Prüfung', 1, 0]])
  })

  test('letters that a chunk cuts in two are whole', async () => {
    const bytes = Buffer.from(wrapped('<testcase name="Prüfung é" classname="ä"/>'))
    const names: string[] = []
    const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    async function* chunks() {
      yield* pieces
    }
    const open = (name: string, attributes: Readonly<Record<string, string>>) => {
      if (name === 'testcase') names.push(attributes['name']!)
    }
    await readXml(chunks(), 'x.xml', { open, close: () => {} })
    expect(names).toEqual(['Prüfung é'])
  })
})

describe('what is no report is refused in one line', () => {
  const lol = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('')
  test.each<[string, string, RegExp]>([
    ['cut off', wrapped('<testcase name="a"/>').slice(0, -20), /report\.xml:1: .*unclosed root tag$/],
    ['cut off within a tag', '<testsuites><testcase na', /report\.xml:1: is no XML/],
    ['wrongly nested', '<testsuites>\n<testsuite></testsuites>', /report\.xml:2: .*unexpected close tag$/],
    ['text', 'all tests passed', /report\.xml:1: is no XML/],
    ['nothing', '', /report\.xml: is empty or has no root element$/],
    [
      'an unknown encoding',
      '<?xml version="1.0" encoding="x-klingon"?><testsuites/>',
      /its encoding x-klingon/,
    ],
    [
      'a billion laughs',
      `<!DOCTYPE t [<!ENTITY l0 "lol">${lol}]><testsuites><testcase name="&l9;"/></testsuites>`,
      /report\.xml:1: .*invalid character entity$/,
    ],
    [
      'an external entity',
      '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuites><testcase name="&x;"/></testsuites>',
      /invalid character entity$/,
    ],
  ])('%s', async (_, content, message) => {
    const reading = readJunit(written(content))
    await expect(reading).rejects.toThrow(message)
    await expect(reading).rejects.toThrow(expect.objectContaining({ name: 'Rejected' }))
  })

  test('another kind of XML is none', async () => {
    expect(await readJunit(written('<coverage><testcase name="a"/></coverage>'))).toBeUndefined()
  })
})

test('a message of any length, and control characters in the output, are passed over', async () => {
  const huge = 'x'.repeat(300_000)
  const cases = `<testcase name="a"><failure message="${huge}">${huge}</failure><system-out><![CDATA[${huge}\u001b]]></system-out></testcase><testcase name="b"/>`
  expect((await countsOf(written(wrapped(cases)))).tests).toEqual([
    ['s', 'a', 0, 1],
    ['s', 'b', 1, 0],
  ])
})

describe('a report', () => {
  const origin = { repository: 'acme/shop', run: '7701', sha: 'abc' }

  test('is the same for the same files in any order, and another where a test did something else', async () => {
    const [one, two] = [(await readJunit(fixture('jest')))!, (await readJunit(fixture('gotestsum')))!]
    const report = reportOf([one, two], origin)
    expect(reportOf([two, one], origin)).toEqual(report)
    // Told again with another time, the run's report is the same one.
    expect(reportOf([one, two], { ...origin, at: 5 }).id).toBe(report.id)
    expect(reportOf([one], origin).id).not.toBe(report.id)
    expect(reportOf([one, two], { ...origin, run: '7702' }).id).not.toBe(report.id)
    const without = { repository: 'acme/shop' }
    expect(reportOf([one], { ...without, at: 5 }).id).not.toBe(reportOf([one], { ...without, at: 6 }).id)
    expect(report).toMatchObject({ run: '7701', sha: 'abc', startedAt: Date.parse('2026-03-02T10:00:00Z') })
    expect(parseFact(JSON.parse(formatFact(report)))).toEqual(report)
  })

  test('needs a time', async () => {
    const read = (await readJunit(fixture('surefire')))!
    expect(() => reportOf([read], origin)).toThrow(
      'no test suite has a timestamp: say when they ran with --at',
    )
    expect(reportOf([read], { ...origin, at: 7 }).startedAt).toBe(7)
  })
})
