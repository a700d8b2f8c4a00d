import { expect, test } from 'vitest'
import { load, problemsIn } from './loading.ts'

test('variables are put into every text, with defaults as in a shell', () => {
  const { services } = load(
    `services:
  - {name: "\${NAME}-\${ZONE:-eu}", team: "\${EMPTY:-none}", repository: "acme/\${NAME}"}
`,
    { env: { NAME: 'checkout', EMPTY: '' } },
  )
  expect(services[0]).toMatchObject({ name: 'checkout-eu', team: 'none', repositories: ['acme/checkout'] })
})

test('two dollars stand for one', () => {
  expect(load('services: [{name: "$${NAME}"}]').services[0]?.name).toBe('${NAME}')
})

test('where a number or a truth value is expected, a variable is read as one', () => {
  const text = 'sources: [{kind: forge, retries: "${N}", runs: "${R}"}]'
  expect(load(text, { env: { N: '7', R: 'false' } }).sources[0]?.settings).toMatchObject({
    retries: 7,
    runs: false,
  })
  expect(problemsIn(text, { env: { N: 'many', R: 'no' } })).toEqual([
    'dorado.yaml:1:25: sources[0].retries: expected a number, got "many"',
    'dorado.yaml:1:42: sources[0].runs: expected true or false, got "no"',
  ])
})

test('a text that looks like a number stays a text where one is expected', () => {
  const config = load('sources: [{kind: forge, token: "${T}"}]', { env: { T: '12345' } })
  expect(config.sources[0]?.settings).toMatchObject({ token: '12345' })
})

test('a variable that is not set, and one that is none, are errors with their place', () => {
  expect(problemsIn('services:\n  - name: ${NAME}\n    team: ${1}\n')).toEqual([
    'dorado.yaml:2:5: services[0].name: the environment variable NAME is not set; set it, or write ${NAME:-default}',
    'dorado.yaml:3:5: services[0].team: "${1}" names no environment variable; ' +
      'write ${NAME} or ${NAME:-default}, or $${ for the characters themselves',
  ])
})

test('secrets are read from files, relative to the configuration', () => {
  const config = load(
    `sources:
  - {kind: forge, name: a, app: {privateKey: "file:keys/a.pem", appId: 1}}
  - {kind: forge, name: b, token: "file:\${DIR}/b"}
  - {kind: pager, pass: "file:/run/c"}
`,
    {
      path: '/etc/dorado.yaml',
      env: { DIR: '/run' },
      files: { '/etc/keys/a.pem': 'line 1\nline 2\n', '/run/b': 'token-b\r\n', '/run/c': 'pass-c' },
    },
  )
  expect(config.sources.map((source) => source.settings)).toEqual([
    expect.objectContaining({ app: { privateKey: 'line 1\nline 2', appId: 1 } }),
    expect.objectContaining({ token: 'token-b' }),
    { pass: 'pass-c' },
  ])
  expect(config.secrets).toEqual(['line 1\nline 2', 'token-b', 'pass-c'])
})

test('what is no secret is not read from a file', () => {
  expect(load('services: [{name: "file:x"}]').services[0]?.name).toBe('file:x')
})

test('a file that is missing or empty is an error with its place', () => {
  const files = { '/run/empty': '\n' }
  const text =
    'sources:\n  - kind: forge\n    token: file:/run/none\n  - kind: pager\n    pass: file:/run/empty\n'
  expect(problemsIn(text, { files })).toEqual([
    "dorado.yaml:3:5: sources[0].token: the file /run/none cannot be read: ENOENT: no such file or directory, open '/run/none'",
    'dorado.yaml:5:5: sources[1].pass: the file /run/empty is empty',
  ])
})

test('secrets are known by their key, their schema, their variable, and their place in an address', () => {
  const { secrets } = load(
    `services: [{name: "\${DB_PASSWORD}"}]
sources:
  - {kind: forge, token: by-key}
  - {kind: pager, pass: by-schema, url: "https://user:in%2Faddress@host.example/"}
`,
    { env: { DB_PASSWORD: 'by-variable' } },
  )
  expect(secrets.toSorted()).toEqual(['by-key', 'by-schema', 'by-variable', 'in%2Faddress', 'in/address'])
})

test('no error shows a secret', () => {
  const env = { PAGER_SECRET: 'hunter-seven' }
  const lines = problemsIn(
    `services: [{name: "\${PAGER_SECRET}", recoveryClock: "\${PAGER_SECRET}"}]
sources:
  - {kind: forge, token: {value: hunter-seven}}
  - {kind: pager, pass: 4711, url: "\${PAGER_SECRET}"}
`,
    { env },
  ).join('\n')
  expect(lines).toContain('sources[0].token: expected a string, got a value that is not shown')
  expect(lines).toContain('sources[1].pass: expected a string, got a value that is not shown')
  expect(lines).toContain('services[0].recoveryClock: expected one of impact, deployment, got "***"')
  expect(lines).not.toContain('hunter')
  expect(lines).not.toContain('4711')
})

test('an error in the syntax does not show the text around it', () => {
  const lines = problemsIn('sources: [{kind: pager, pass: "hunter-seven" hunter-seven}]')
  expect(lines.join('\n')).not.toContain('hunter')
})
