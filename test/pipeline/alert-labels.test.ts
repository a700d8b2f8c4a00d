import { afterEach, expect, test } from 'vitest'
import { inServices } from '../../alerts/where.ts'
import { play, type Played } from './alerts-played.ts'

const start = Date.UTC(2026, 2, 10, 8)
const services = [
  { name: 'shop', team: 'web', labels: { tier: 'gold' } },
  { name: 'blog', team: 'web', labels: { tier: 'tin' } },
  { name: 'wiki', team: 'web' },
]
const labelled = services.map(({ name, labels = {} }) => ({ name, labels }))
let played: Played
afterEach(() => played.store.close())

async function told(rule: object, routes: object[]): Promise<string[]> {
  const alerts = {
    rules: [{ name: 'fails', metric: 'changeFailRate', above: '15%', ...rule }],
    routes,
  }
  played = play({ start, alerts, config: { services }, channels: ['chat', 'pager'] })
  const { settings } = played
  Object.assign(settings, { rules: settings.rules.map((each) => inServices(each, labelled)) })
  for (const { name } of services) await played.fails(0, 40, name)
  return played.told(0)
}

test.each([
  [{ where: { tier: 'gold' } }, ['chat firing: shop fails']],
  [{ where: { tier: '/gold|tin/' } }, ['chat firing: blog fails, shop fails']],
  [{ where: { tier: '/gold|tin/' }, services: ['blog', 'wiki'] }, ['chat firing: blog fails']],
])('a rule with %j is about the services that have these labels', async (rule, expected) => {
  expect(await told(rule, [{ channels: 'chat' }])).toEqual(expected)
})

test('alerts are routed by the labels of their service', async () => {
  const routes = [{ match: { tier: 'gold' }, channels: 'pager' }, { channels: 'chat' }]
  expect((await told({}, routes)).sort()).toEqual([
    'chat firing: blog fails, wiki fails',
    'pager firing: shop fails',
  ])
})
