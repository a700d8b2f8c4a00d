import { expect, test } from 'vitest'
import { load, problemsIn } from './loading.ts'

test('all problems are told at once, in the order of the file, each with line, column and key', () => {
  const text = `timezone: Europe/Berln
since: 2026-13-01
enviroments: [live]
services:
  - name: a
    repository: acme/mono
    tem: payments
  - name: b
    team: 3
    repository: ACME/mono
  - name: a
    recoveryClock: deploy
  - team: x
sources:
  - kind: forg
  - kind: forge
    token: \${FORGE_TOKEN}
    runs: maybe
`
  expect(problemsIn(text)).toEqual([
    'dorado.yaml:1:1: timezone: "Europe/Berln" is no time zone; did you mean Europe/Berlin?',
    'dorado.yaml:2:1: since: "2026-13-01" is a day that does not exist',
    'dorado.yaml:3:1: enviroments: no such key; did you mean environments?',
    'dorado.yaml:7:5: services[0].tem: no such key; did you mean team?',
    'dorado.yaml:9:5: services[1].team: expected a string, got 3; write team: payments',
    'dorado.yaml:11:5: services[2].name: services[0] is called a too; give each a name of its own',
    'dorado.yaml:12:5: services[2].recoveryClock: expected one of impact, deployment, got "deploy"',
    'dorado.yaml:13:5: services[3].name: is missing; write name: checkout',
    'dorado.yaml:15:5: sources[0].kind: expected one of forge, pager, got "forg"; did you mean forge?',
    'dorado.yaml:17:5: sources[1].token: the environment variable FORGE_TOKEN is not set; ' +
      'set it, or write ${FORGE_TOKEN:-default}',
    'dorado.yaml:18:5: sources[1].runs: expected true or false, got "maybe"',
  ])
})

/** One line of YAML, and what is said of it behind the position. */
test.each([
  [
    'since: 2026-01-01T00:00:00',
    'since: "2026-01-01T00:00:00" has no zone; write 2026-01-01T00:00:00Z or with an offset',
  ],
  ['since: 2026-02-30', 'since: "2026-02-30" is a day that does not exist'],
  ['since: 2026', 'since: expected a string, got 2026; write since: 2026-01-01'],
  ['since: last week', 'since: "last week" is no instant; write it as 2026-03-02T10:00:00Z'],
  ['timezone: CEST', 'timezone: "CEST" is no time zone; write one such as UTC or Europe/Berlin'],
  ['timezone: europe/belin', 'timezone: "europe/belin" is no time zone; did you mean Europe/Berlin?'],
  ['server: { listen: 8080 }', 'server.listen: expected a string, got 8080; write listen: 127.0.0.1:8080'],
  [
    'server: { listen: "127.0.0.1:70000" }',
    'server.listen: "127.0.0.1:70000" is no address and port; write one such as 127.0.0.1:8080',
  ],
  [
    'server: { listen: "::1:8080" }',
    'server.listen: "::1:8080" is no address and port; write one such as 127.0.0.1:8080',
  ],
  [
    'server: { listen: "10.0.0.1:8080" }',
    'server.token: is missing: whoever reaches this machine could silence alerts; set one, or listen on 127.0.0.1',
  ],
  ['server: { token: abcdefgh }', 'server.listen: is missing; write listen: 127.0.0.1:8080'],
  ['edition: 2025', 'edition: expected one of 2021, 2023, got 2025'],
  [
    'schedule: hourly',
    'schedule: "hourly" has 1 fields; write five: minute, hour, day of the month, month, day of the week',
  ],
  [
    'schedule: 0 0 1 * 1',
    'schedule: "0 0 1 * 1" sets a day of the month and a day of the week; set one and write * for the other',
  ],
  ['schedule: 60 * * * *', 'schedule: "60" is no minute; write * or a number from 0 to 59'],
  ['windows: [7d, 36h]', 'windows[1]: a window is one day or more, and whole days'],
  ['windows: []', 'windows: is empty; write windows: [7d, 30d, 90d]'],
  ['attributionWindow: 60', 'attributionWindow: expected a string, got 60; write attributionWindow: 1h'],
  [
    'remediationWindow: 7 days',
    'remediationWindow: "7 days" is no duration; write a number and a unit, such as 30m, 1h, 7d or 2w',
  ],
  [
    'leadTimeFrom: merged',
    'leadTimeFrom: expected one of first-commit, merge, opened, got "merged"; did you mean merge?',
  ],
  ['logLevel: trace', 'logLevel: expected one of debug, info, warn, error, got "trace"'],
  ['botsInLeadTime: yes', 'botsInLeadTime: expected true or false, got "yes"'],
  [
    'bots: {leadTime: exclude}',
    'bots.leadTime: expected one of excluded, included, got "exclude"; did you mean excluded?',
  ],
  ['environments: []', 'environments: is empty; name at least one'],
  ['environments: [/prod(/]', 'environments[0]: "/prod(/" is no regular expression: Unterminated group'],
  ['environments: /prod/i', 'environments: "/prod/i" has a flag behind the slash; write /(?i:prod)/'],
  ['environments: //', 'environments: // matches no name'],
  ['services: {}', 'services: expected a list, got keys and values'],
  ['services: [checkout]', 'services[0]: expected keys and values, got "checkout"'],
  ['services: [{name: " "}]', 'services[0].name: is empty'],
  [
    'services: [{name: a, repository: b/c, repositories: [d/e]}]',
    'services[0].repositories: is given beside repository; write one of the two',
  ],
  [
    'services: [{name: a, repository: "https://host.example/acme/a.git"}]',
    'services[0].repository: "https://host.example/acme/a.git" is an address; write acme/a',
  ],
  [
    'services: [{name: a, repository: "git@host.example:acme/a.git"}]',
    'services[0].repository: "git@host.example:acme/a.git" is an address; write acme/a',
  ],
  [
    'services: [{name: a, paths: [/api/**]}]',
    'services[0].paths[0]: "/api/**" is absolute, and paths start at the repository\'s root; write api/**',
  ],
  [
    'services: [{name: a, paths: ["C:\\\\api"]}]',
    'services[0].paths[0]: "C:\\\\api" has backslashes; write api',
  ],
  [
    'services: [{name: a, paths: ./api/**}]',
    'services[0].paths: "./api/**" has a . or .. in it, which no path of a repository has; write api/**',
  ],
  [
    'services: [{name: a, paths: [api/]}]',
    'services[0].paths[0]: "api/" is a folder and matches no file; write api/**',
  ],
  [
    'services: [{name: a, paths: ["!docs/**"]}]',
    'services[0].paths[0]: "!docs/**" excludes; only what counts can be named',
  ],
  ['sources: [{token: x}]', 'sources[0].kind: is missing; write one of forge, pager'],
  [
    'sources: [{kind: forge}, {kind: forge}]',
    'sources[1]: sources[0] is called forge too; give one of them a name, such as name: forge-2',
  ],
  [
    'sources: [{kind: forge, name: a}, {kind: pager, name: a, pass: b}]',
    'sources[1].name: sources[0] is called a too; give one of them a name, such as name: a-2',
  ],
  [
    'sources: [{kind: forge, repositories: [{nam: x}]}]',
    'sources[0].repositories[0].nam: no such key; did you mean name?',
  ],
  [
    'sources: [{kind: forge, repositories: [7]}]',
    'sources[0].repositories[0]: expected a string or keys and values, got 7',
  ],
  ['sources: [{kind: forge, retries: 1.5}]', 'sources[0].retries: expected a whole number, got 1.5'],
  ['sources: [{kind: forge, retries: -1}]', 'sources[0].retries: expected at least 0, got -1'],
  [
    'sources: [{kind: forge, keep: long}]',
    'sources[0].keep: "long" is no duration; write a number and a unit, such as 30m, 1h, 7d or 2w',
  ],
  [
    'sources: [{kind: forge, token: a, app: {privateKey: b, appId: 1}}]',
    'sources[0].token: either token or app, not both',
  ],
  ['sources: [{kind: pager, pass: a, urll: b}]', 'sources[0].urll: no such key; did you mean url?'],
  ['sources: [{kind: pager, pass: abcd, url: nowhere}]', 'sources[0].url: invalid URL, got "nowhere"'],
  [
    'services: [{name: a, labels: {team: gold}}]',
    'services[0].labels.team: is a label of every alert: choose another name',
  ],
  [
    'services: [{name: a, labels: {my-tier: gold}}]',
    'services[0].labels.my-tier: is no name of a label: write letters, digits and underscores',
  ],
  [
    'zebra: 1',
    /^zebra: no such key; there are alerts, attributionWindow, bots, botsInLeadTime, .*, windows$/,
  ],
])('%s', (text, said) => {
  const [line = '', ...others] = problemsIn(text).filter((each) => !each.includes('name: is missing'))
  const expected = typeof said === 'string' ? said : expect.stringMatching(said)
  expect(line.replace(/^dorado\.yaml:1:\d+: /, '')).toEqual(expected)
  expect(others).toEqual([])
})

test('one repository may be several services: by paths, workflows, or because everything is pushed by name', () => {
  const services =
    '[{name: a, repository: x/m, paths: [a/**]}, {name: b, repository: x/m}, {name: c, repository: x/m}]'
  expect(load(`services: ${services}`).services).toHaveLength(3)
})

test('text that is no YAML is told with its first wrong place', () => {
  expect(problemsIn('services:\n  - name: a\n team: b')).toEqual([
    expect.stringMatching(/^dorado\.yaml:3:\d+: this is no YAML: /),
  ])
  expect(problemsIn('a: 1\na: 2')).toEqual([
    'dorado.yaml:2:1: this key is written twice in one place; keep one of the two',
  ])
  expect(problemsIn('timezone: UTC\n---\ntimezone: UTC')).toEqual([
    'dorado.yaml:2:1: a second document begins here; write all in one, without ---',
  ])
  expect(problemsIn('services: *missing')).toEqual([expect.stringMatching(/^dorado\.yaml:1:\d+: /)])
  expect(problemsIn('- a')).toEqual(['dorado.yaml:1:1: expected keys and values, got a list'])
})

test('a variable without quotes between braces is explained', () => {
  expect(problemsIn('sources: [{kind: forge, token: ${T}}]', { env: { T: 'abcd' } })[0]).toMatch(
    /; between \{ \} or \[ \] write "\$\{T\}" in quotes$/,
  )
})
