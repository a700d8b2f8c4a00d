import { expect, test } from 'vitest'
import { dashboardOf, dashboardSchema } from '../../alerts/dashboard.ts'

const address = 'https://grafana.example.com/d/dorado-service?var-service={{service}}&var-team={{ team }}'
const shop = { service: 'shop & co', team: 'web', environment: 'production', detail: '' }

test('the address names what an alert is of, escaped', () => {
  expect(dashboardSchema.parse(address)).toBe(address)
  expect(dashboardOf(address, shop)).toBe(
    'https://grafana.example.com/d/dorado-service?var-service=shop%20%26%20co&var-team=web',
  )
  expect(dashboardOf(address, { ...shop, service: '*' })).toContain('var-service=%24__all&')
})

test.each([
  ['https://grafana.example.com/{{sevice}}', /^{{sevice}} is not known; write one of {{service}}, /],
  ['grafana.example.com/d/x', /^is no address; write https:/],
  ['javascript:alert({{service}})', /^is no address/],
])('%s is refused', (text, message) => {
  expect(dashboardSchema.safeParse(text).error!.issues[0]!.message).toMatch(message)
})
