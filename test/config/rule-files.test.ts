import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { alertsSchema, clashesOf, type AlertSettings } from '../../alerts/settings.ts'
import { loadConfig } from '../../config/load.ts'
import { printConfig } from '../../config/print.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorado-rules-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function load(files: Record<string, string>, env: Record<string, string> = {}) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return loadConfig({
    path: join(folder, 'dorado.yaml'),
    env,
    readFile: (path) => readFileSync(path, 'utf8'),
    glob: (pattern, cwd) => globSync(pattern, { cwd }),
    connectors: { sources: [], sinks: [], channels: [], alerts: alertsSchema },
    clashes: (alerts, others) => clashesOf(alerts as AlertSettings, others),
  })
}

/** The lines of the error, with paths from the folder on. */
function problemsIn(files: Record<string, string>): string[] {
  try {
    load(files)
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '').split('\n')
  }
  throw new Error('it was accepted')
}

const rule = (name: string, rest = 'above: 15%') => `  - { name: ${name}, metric: changeFailRate, ${rest} }\n`

test('rules of files come after those of the configuration, file by file in the order of their names', () => {
  const config = load(
    {
      'dorado.yaml': `alerts:\n  files: [alerts/*.yaml, more.yaml]\n  rules:\n  ${rule('own')}`,
      'alerts/b.yaml': `rules:\n${rule('b')}`,
      'alerts/a.yaml': `rules:\n${rule('a1')}${rule('a2', 'above: "${LIMIT}"')}`,
      'more.yaml': `rules:\n${rule('more')}`,
      'other.yaml': `rules:\n${rule('other')}`,
    },
    { LIMIT: '20%' },
  )
  const { rules } = config.alerts as AlertSettings
  expect(rules.map(({ name }) => name)).toEqual(['own', 'a1', 'a2', 'b', 'more'])
  expect(rules[2]?.thresholds).toEqual([{ severity: 'warning', value: 0.2 }])
  expect(printConfig(config)).toContain('name: more')
})

test('a file that two patterns match is read once', () => {
  const { alerts } = load({
    'dorado.yaml': 'alerts: { files: ["*/web.yaml", "alerts/*.yaml"] }',
    'alerts/web.yaml': `rules:\n${rule('a')}`,
  })
  expect((alerts as AlertSettings).rules).toHaveLength(1)
})

test('what is wrong is told with its own file, line and key, the configuration first', () => {
  expect(
    problemsIn({
      'dorado.yaml': `alerts:\n  files: [alerts/*.yaml]\n  rules:\n  ${rule('own', 'above: 2d')}`,
      'alerts/a.yaml': `# of the web team\nrules:\n${rule('ok')}${rule('odd', 'above: 1%, fro: 2h')}`,
      'alerts/b.yaml': 'rules:\n  - name: b\n    metric: changeFailRat\n    above: 1%\n',
      'alerts/c.yaml': `rules:\n${rule('c', 'above: 5%, window: 14d')}`,
    }),
  ).toEqual([
    'dorado.yaml:4:44: alerts.rules[0].above: 2d is no rate; write 15%',
    'alerts/a.yaml:4:53: rules[1].fro: no such key; did you mean for?',
    expect.stringMatching(
      /^alerts\/b\.yaml:3:5: rules\[0\]\.metric: .* got "changeFailRat"; did you mean changeFailRate\?$/,
    ),
  ])
  expect(
    problemsIn({
      'dorado.yaml': 'alerts: { files: [alerts/c.yaml] }',
      'alerts/a.yaml': '',
      'alerts/b.yaml': '',
    }),
  ).toEqual(['alerts/c.yaml:2:51: rules[0].window: c: window 14d is none of windows (7d, 30d, 90d)'])
})

test('a name that is taken is told with both places', () => {
  expect(
    problemsIn({
      'dorado.yaml': `alerts:\n  files: [a.yaml, b.yaml]\n  builtIn: true\n  rules:\n  ${rule('one')}`,
      'a.yaml': `rules:\n${rule('two')}${rule('one')}`,
      'b.yaml': `rules:\n${rule('two')}${rule('failure open')}`,
    }),
  ).toEqual([
    'a.yaml:3:7: rules[1].name: one is the name of another rule, too (dorado.yaml:5:9)',
    'b.yaml:2:7: rules[0].name: two is the name of another rule, too (a.yaml:2:7)',
    'b.yaml:3:7: rules[1].name: failure open is the name of another rule, too (dorado.yaml:3:3)',
  ])
})

test.each([
  [
    {},
    'dorado.yaml:1:19: alerts.files[0]: rules/*.yaml matches no file; paths start at the folder of dorado.yaml',
  ],
  [{ 'rules/a.yaml': '' }, 'rules/a.yaml:1:1: rules: is missing'],
  [{ 'rules/a.yaml': 'rules: []\nroutes: []' }, 'rules/a.yaml:2:1: routes: no such key; did you mean rules?'],
  [{ 'rules/a.yaml': 'rules: { name: a }' }, 'rules/a.yaml:1:1: rules: expected a list, got keys and values'],
  [
    { 'rules/a.yaml': 'rules:\n  - { name: "${NOBODY}", metric: leadTime, above: 2d }' },
    'rules/a.yaml:2:7: rules[0].name: the environment variable NOBODY is not set; set it, or write ${NOBODY:-default}',
  ],
  [{ 'rules/a.yaml': 'rules: [' }, 'rules/a.yaml:1:9: this is no YAML: '],
])('%o is refused', (files, problem) => {
  const problems = problemsIn({ 'dorado.yaml': 'alerts: { files: ["rules/*.yaml"] }', ...files })
  expect(problems[0]).toContain(problem)
})

test('a folder in the place of a file cannot be read', () => {
  mkdirSync(join(folder, 'rules'))
  expect(problemsIn({ 'dorado.yaml': 'alerts: { files: [rules] }' })[0]).toMatch(
    /^dorado\.yaml:1:19: alerts\.files\[0\]: rules cannot be read: EISDIR/,
  )
})

const services =
  'services:\n  - { name: shop, labels: { tier: gold } }\n  - { name: blog, labels: { tier: tin } }\n'

test('a rule that chooses no service by its labels is refused, with the labels there are', () => {
  const choosing = (where: string, rest = '') =>
    problemsIn({
      'dorado.yaml': `${services}alerts:\n  files: [a.yaml]\n`,
      'a.yaml': `rules:\n${rule('a', `above: 15%, where: ${where}${rest}`)}`,
    })
  expect(choosing('{ tier: silver }')).toEqual([
    'a.yaml:2:52: rules[0].where: a: no service has these labels; there are tier: gold, tier: tin',
  ])
  expect(choosing('{ size: big }')).toEqual([
    'a.yaml:2:52: rules[0].where: a: no service has a label size; write labels: { size: … } at services',
  ])
  expect(choosing('{ tier: gold }', ', per: team')).toEqual([
    'a.yaml:2:52: rules[0].where: chooses services by their labels; write per: service',
  ])
  expect(choosing('{ tier: /gold(/ }')[0]).toMatch(/\/gold\(\/ is no regular expression/)
})

test.each([
  [
    'routes: [{ match: { teem: web }, channels: c }]',
    'routes[0].match.teem: no alert has a label teem; did you mean team?',
  ],
  ['routes: [{ match: { team: wep }, channels: c }]', 'routes[0].match.team: no team wep; did you mean web?'],
  [
    'routes: [{ match: { rule: mine, tier: gold }, groupBy: [tem], channels: c }]',
    'routes[0].groupBy: no alert has a label tem; did you mean team?',
  ],
  [
    'routes: [{ match: { rule: yours }, channels: c }]',
    'routes[0].match.rule: no rule yours; there are mine',
  ],
  [
    'routes: [{ match: { severity: fatal }, channels: c }]',
    /no severity fatal; there are critical, info, warning$/,
  ],
  [
    'routes: [{ channels: c }, { match: { team: web }, channels: c }]',
    'routes[1]: is never asked: the route 1 takes everything',
  ],
  [
    'inhibit: [{ when: { rule: nope }, quiet: { team: web } }]',
    'inhibit[0].when.rule: no rule nope; there are mine',
  ],
  [
    'inhibit: [{ when: { rule: mine }, quiet: { team: web }, equal: servce }]',
    /no alert has a label servce; did you mean service\?$/,
  ],
  ['builtIn: [failure opn]', 'builtIn[0]: no built-in rule failure opn; did you mean failure open?'],
])('%s is refused: it would match nothing', (text, message) => {
  const lines = problemsIn({
    'dorado.yaml': `services: [{ name: shop, team: web, labels: { tier: gold } }]
alerts:
  rules: [{ name: mine, metric: leadTime, above: 1d }]
  ${text}
`,
  }).filter((line) => !line.includes('no channel c'))
  const said = lines.map((line) => line.replace(/^dorado\.yaml:\d+:\d+: alerts\./, ''))
  expect(said).toEqual([typeof message === 'string' ? message : expect.stringMatching(message)])
})

test('a rule about a team that no service is of, and a severity that there is not, are refused', () => {
  const wrong = (rest: string) =>
    problemsIn({
      'dorado.yaml': `services: [{ name: shop, team: web }]\nalerts:\n  rules:\n  ${rule('a', rest)}`,
    }).map((line) => line.replace(/^dorado\.yaml:\d+:\d+: alerts\./, ''))
  expect(wrong('above: 15%, teams: [wep]')).toEqual([
    'rules[0].teams: a: no service is of a team wep; did you mean web?',
  ])
  expect(wrong('above: { warn: 15% }')).toContain(
    'rules[0].above.warn: no such key; there are critical, info, warning',
  )
})

test('some of the built-in rules may be switched on by name', () => {
  const { alerts } = load({ 'dorado.yaml': 'alerts: { builtIn: [failure open, source behind] }\n' })
  expect((alerts as AlertSettings).rules.map(({ name }) => name)).toEqual(['failure open', 'source behind'])
})
