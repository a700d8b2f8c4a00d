import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { printConfig } from '../../config/print.ts'
import { load } from './loading.ts'

test('what is printed can be loaded again and is the same', () => {
  const config = load(
    `
timezone: Europe/Berlin
since: 2026-01-01
edition: 2021
schedule: 30 */2 * * *
windows: [14d]
logLevel: debug
unnamedRepositories: false
attributionWindow: 90m
services:
  - {name: a, team: t, repository: x/y, paths: [a/**], incidents: [P1]}
  - {name: b, environments: [live, '/b-\\d/'], remediationWindow: 1d, workflows: [w.yml], timezone: UTC}
sources: [{kind: forge, retries: 7}]
sinks: [{kind: file, name: copy, path: x.lp}]
server: {listen: "[::1]:8080"}
`,
    { path: '/etc/dorado.yaml' },
  )
  expect(load(printConfig(config), { path: '/etc/dorado.yaml' })).toEqual(config)
})

test('secrets are masked, however short and wherever they stand', () => {
  const config = load(
    `
services: [{name: "a-\${DEPLOY_TOKEN}"}]
sources:
  - {kind: forge, name: one, token: "\${T}"}
  - {kind: forge, name: two, app: {privateKey: "file:/k", appId: 1}}
  - {kind: pager, pass: xy, url: "https://user:long-word@host.example/"}
server: {listen: "0.0.0.0:8080", token: ab}
`,
    { env: { T: 'tok-1234', DEPLOY_TOKEN: 'tok-5678' }, files: { '/k': 'line one of it\nline two of it\n' } },
  )
  const text = printConfig(config)
  expect(text).not.toMatch(/token: ab|tok-|line one|line two|xy|long-word/)
  expect(parse(text)).toMatchObject({
    services: [{ name: 'a-***' }],
    sources: [
      { kind: 'forge', name: 'one', token: '***' },
      { kind: 'forge', name: 'two', app: { privateKey: '***', appId: 1 } },
      { kind: 'pager', name: 'pager', pass: '***', url: 'https://user:***@host.example/' },
    ],
  })
})

test('a service prints what it does not share with all', () => {
  const config = load('{hotfix: [h], services: [{name: a, team: t}, {name: b, hotfix: [urgent]}]}')
  expect((parse(printConfig(config)) as { services: unknown }).services).toEqual([
    { name: 'a', team: 't' },
    { name: 'b', hotfix: ['urgent'] },
  ])
})

test('settings that are converted are shown as they are applied', () => {
  const config = load('sources: [{kind: forge, keep: 1d}]')
  const [source] = config.sources
  const withPattern = {
    ...config,
    sources: [{ ...source!, settings: { ...(source!.settings as object), tags: /v\d+/ } }],
  }
  expect((parse(printConfig(withPattern)) as { sources: unknown[] }).sources).toEqual([
    {
      kind: 'forge',
      name: 'forge',
      repositories: [],
      runs: true,
      retries: 3,
      keep: 86_400_000,
      tags: 'v\\d+',
    },
  ])
})
