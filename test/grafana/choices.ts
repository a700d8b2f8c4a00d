import type { Asked, Choices } from './filling.ts'
import type { Served } from './served.ts'

/** What may be chosen on a dashboard: its variables, in all combinations that matter. */

export const everything: Choices = { team: '.*', service: '.*', environment: '.*', window: '30d' }
export const windows = ['7d', '30d', '90d']

export function inEveryWindow({ query }: Asked, choices: Choices): Choices[] {
  return query.includes('$window') ? windows.map((window) => ({ ...choices, window })) : [choices]
}

/** `one`: on the dashboard of one service, each of them with one of its deployments. */
export async function choicesIn({ rows }: Served): Promise<{ one: Choices[]; several: Choices[] }> {
  const services = await rows('SHOW TAG VALUES FROM "dora_window" WITH KEY = "service"')
  const incidents = await rows('SELECT "service", "attributed_to" FROM "dora_incident"')
  const one = services.map(({ value: service }) => {
    const caused = incidents.find((incident) => incident['service'] === service && incident['attributed_to'])
    return {
      ...everything,
      service: service as string,
      deployment: `${caused?.['attributed_to'] ?? ''}`.split(',')[0]!,
    }
  })
  const several = { ...everything, team: ['payments', 'storefront'], service: ['ledger', 'web', 'payments'] }
  return { one: one.filter(({ service }) => service !== '*'), several: [everything, several] }
}
