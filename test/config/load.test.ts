import { expect, test } from 'vitest'
import { settingsFor } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import { usualBots } from '../../core/bots.ts'
import { ConfigError } from '../../core/errors.ts'
import { environmentMatcher } from '../../core/matchers.ts'
import { connectors, load } from './loading.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

test('since, time zone and services are enough, and everything else has its default', () => {
  const config = load(`
since: 2026-01-01T00:00:00Z
timezone: UTC
services:
  - name: checkout
    team: payments
`)
  const defaults = {
    environments: ['/(?i:prod|production)/'],
    timezone: 'UTC',
    leadTimeFrom: 'first-commit',
    attributionWindowMs: hourMs,
    remediationWindowMs: 7 * dayMs,
    recoveryClock: 'impact',
    hotfix: ['hotfix'],
    incidentLabels: ['caused-incident'],
    bots: usualBots,
  }
  expect(config).toEqual({
    path: 'dorado.yaml',
    timezone: 'UTC',
    since: Date.UTC(2026, 0, 1),
    edition: '2023',
    schedule: '0 * * * *',
    storePath: 'dorado.db',
    windowsDays: [7, 30, 90],
    logLevel: 'info',
    unnamedRepositories: true,
    defaults,
    services: [
      {
        ...defaults,
        name: 'checkout',
        team: 'payments',
        labels: {},
        repositories: [],
        paths: [],
        workflows: [],
        incidentServices: [],
      },
    ],
    sources: [],
    sinks: [],
    channels: [],
    alerts: undefined,
    secrets: [],
  })
})

test('JSON is read as it is', () => {
  const text = JSON.stringify({
    timezone: 'America/New_York',
    since: '2026-02-01T05:00:00Z',
    services: [{ name: 'api', team: 't', repository: 'acme/mono', paths: ['api/**', 'lib/**'] }],
  })
  expect(load(text).services[0]).toMatchObject({
    repositories: ['acme/mono'],
    paths: ['api/**', 'lib/**'],
    timezone: 'America/New_York',
  })
})

test.each(['', '# nothing yet\n', 'services:\n', '{}'])('%j has no services', (text) => {
  expect(load(text).services).toEqual([])
})

test('sources need no services', () => {
  const config = load('services: []\nsources: [{kind: forge, token: abcd}]')
  expect(config.services).toEqual([])
  expect(config.sources).toEqual([
    { kind: 'forge', name: 'forge', settings: { token: 'abcd', repositories: [], runs: true, retries: 3 } },
  ])
})

test.each([
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
  ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
  ['2026-01-01', 'UTC', '2026-01-01T00:00:00.000Z'],
  ['2026-01-01T00:00:00+05:30', 'Europe/Berlin', '2025-12-31T18:30:00.000Z'],
])('since %s in %s is %s', (since, timezone, iso) => {
  expect(load(`{since: "${since}", timezone: ${timezone}}`).since).toBe(Date.parse(iso))
})

test('the default environments are prod and production in any case, and nothing that only begins so', () => {
  const isProduction = environmentMatcher(load('').defaults.environments)
  const names = ['production', 'PROD', 'Production', 'preprod', 'non-prod', 'production-eu-test', 'prod-eu']
  expect(names.filter(isProduction)).toEqual(['production', 'PROD', 'Production'])
})

test('services override what holds for all', () => {
  const { services, defaults } = load(`
timezone: Europe/Berlin
environments: [live]
leadTimeFrom: merge
attributionWindow: 30m
remediationWindow: 2w
recoveryClock: deployment
hotfix: [hotfix, urgent]
botsInLeadTime: true
services:
  - name: plain
  - name: special
    labels: { tier: gold }
    timezone: Asia/Tokyo
    environments: [prod-eu, /prod-\\d+/]
    leadTimeFrom: opened
    attributionWindow: 1d12h
    remediationWindow: 0s
    recoveryClock: impact
    hotfix: fix
    botsInLeadTime: false
    repositories: [acme/a, acme/b, acme/a]
    workflows: deploy.yml
    incidents: [P1, P2]
`)
  expect(services[0]).toMatchObject({
    ...defaults,
    team: null,
    labels: {},
    timezone: 'Europe/Berlin',
    environments: ['live'],
    leadTimeFrom: 'merge',
    attributionWindowMs: hourMs / 2,
    remediationWindowMs: 14 * dayMs,
    recoveryClock: 'deployment',
    hotfix: ['hotfix', 'urgent'],
    bots: { ...usualBots, leadTime: 'included', flow: 'included', reviewTime: 'included' },
  })
  expect(services[1]).toEqual({
    name: 'special',
    team: null,
    labels: { tier: 'gold' },
    repositories: ['acme/a', 'acme/b'],
    paths: [],
    environments: ['prod-eu', '/prod-\\d+/'],
    workflows: ['deploy.yml'],
    incidentServices: ['P1', 'P2'],
    timezone: 'Asia/Tokyo',
    leadTimeFrom: 'opened',
    attributionWindowMs: 36 * hourMs,
    remediationWindowMs: 0,
    recoveryClock: 'impact',
    hotfix: ['fix'],
    incidentLabels: ['caused-incident'],
    bots: usualBots,
  })
})

test('a service that is not named has the defaults', () => {
  const config = load('{recoveryClock: deployment, services: [{name: a, team: t}]}')
  expect(settingsFor(config, 'a')).toBe(config.services[0])
  expect(settingsFor(config, 'b', ['acme/b'])).toEqual({
    ...config.defaults,
    name: 'b',
    team: null,
    labels: {},
    repositories: ['acme/b'],
    paths: [],
    workflows: [],
    incidentServices: [],
  })
})

test('windows come in order and once, in days or weeks', () => {
  expect(load('windows: [90d, 1w, 7d, 24h]').windowsDays).toEqual([1, 7, 90])
})

test.each([
  ['conf/dorado.yaml', '', 'conf/dorado.db'],
  ['/etc/dorado/dorado.yaml', '', '/etc/dorado/dorado.db'],
  ['/etc/dorado/dorado.yaml', 'store: ../data/x.db', '/etc/data/x.db'],
  ['/etc/dorado/dorado.yaml', 'store: /var/x.db', '/var/x.db'],
  ['/etc/dorado/dorado.yaml', 'store: ":memory:"', ':memory:'],
])('in %s, with %j, the store is %s', (path, text, store) => {
  expect(load(text, { path }).storePath).toBe(store)
})

test('paths in connectors start at the configuration file, too', () => {
  const { sinks } = load('sinks: [{kind: file, path: out/x.lp}]', { path: '/etc/dorado.yaml' })
  expect(sinks).toEqual([{ kind: 'file', name: 'file', settings: { path: '/etc/out/x.lp' } }])
})

test('an edition may be written as a number', () => {
  expect(load('edition: 2021').edition).toBe('2021')
})

test('anchors and merge keys share what several services have in common', () => {
  const { services } = load(`
services:
  - &base {name: a, team: t, environments: [live]}
  - <<: *base
    name: b
`)
  expect(services.map(({ name, team, environments }) => [name, team, environments])).toEqual([
    ['a', 't', ['live']],
    ['b', 't', ['live']],
  ])
})

test('two sources of one kind have names; one incident service may belong to two services', () => {
  const config = load(`
services: [{name: a, incidents: [P1]}, {name: b, incidents: P1}]
sources: [{kind: forge, name: eu}, {kind: forge, name: us}]
`)
  expect(config.sources.map((source) => source.name)).toEqual(['eu', 'us'])
  expect(config.services.map((service) => service.incidentServices)).toEqual([['P1'], ['P1']])
})

test('the file is read where no text is given', () => {
  const files: Record<string, string> = { '/x/dorado.yaml': 'timezone: Asia/Tokyo' }
  const readFile = (path: string) => files[path] ?? ''
  expect(loadConfig({ path: '/x/dorado.yaml', env: {}, readFile, connectors }).timezone).toBe('Asia/Tokyo')
})

test('a file that cannot be read is an error that names it', () => {
  const refusal = new Error('ENOENT: no such file or directory')
  const readFile = () => {
    throw refusal
  }
  const attempt = () => loadConfig({ path: 'x.yaml', env: {}, readFile, connectors })
  expect(attempt).toThrow(ConfigError)
  expect(attempt).toThrow('x.yaml: the configuration cannot be read: ENOENT')
})

test('bots are chosen for each metric, by the service before what holds for all', () => {
  const { services } = load(`
botsInLeadTime: true
bots: {reviewTime: excluded, batchAge: excluded}
services:
  - name: plain
  - name: own
    botsInLeadTime: false
    bots: {flow: included, hotfixes: excluded}
`)
  expect(services.map(({ bots }) => bots)).toEqual([
    { ...usualBots, leadTime: 'included', flow: 'included', reviewTime: 'excluded', batchAge: 'excluded' },
    {
      ...usualBots,
      leadTime: 'excluded',
      flow: 'included',
      reviewTime: 'excluded',
      batchAge: 'excluded',
      hotfixes: 'excluded',
    },
  ])
})
