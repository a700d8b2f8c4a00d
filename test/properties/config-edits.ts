import { iso } from '../reference/history-graph.ts'
import { chosen } from '../reference/history-world.ts'
import type { ProductConfig } from './line.ts'

type ServiceEntry = NonNullable<ProductConfig['services']>[number]
type Edit = (config: ProductConfig, by: number) => ProductConfig

/** The configuration with one of its services edited. */
function service(edit: (entry: ServiceEntry, by: number) => Partial<ServiceEntry>): Edit {
  return (config, by) => {
    const services = config.services ?? []
    const changed = services[by % Math.max(services.length, 1)]
    if (changed === undefined) return config
    const entry = JSON.parse(JSON.stringify({ ...changed, ...edit(changed, by) })) as ServiceEntry
    return { ...config, services: services.map((one) => (one === changed ? entry : one)) }
  }
}

const none = undefined as never

const edits: Edit[] = [
  service((_, by) => ({ team: chosen(['payments', 'storefront', 'platform', none], by) ?? none })),
  service((_, by) => ({
    environments: chosen([['production'], ['prod-eu', 'prod-us'], ['/prod.*/'], ['staging']], by) ?? none,
  })),
  service((_, by) => ({ paths: chosen([[], ['api/**'], ['**/*.ts'], ['web/**']], by) ?? none })),
  service((_, by) => ({
    repository: none,
    repositories: chosen([['acme/shop'], ['acme/mono'], ['acme/shop', 'acme/mono'], []], by) ?? none,
  })),
  service((_, by) => ({ incidents: chosen([['P1'], ['P2'], ['P1', 'P2'], []], by) ?? none })),
  service(({ name }, by) => ({ workflows: chosen([[], [`deploy-${name}`], ['deploy-web']], by) ?? none })),
  service((_, by) => ({ leadTimeFrom: chosen(['first-commit', 'merge', 'opened'] as const, by) ?? none })),
  service((_, by) => ({ attributionWindow: chosen(['30m', '1h', '3d'], by) ?? none })),
  service((_, by) => ({ remediationWindow: chosen(['1d', '7d', '14d'], by) ?? none })),
  service((_, by) => ({ recoveryClock: chosen(['impact', 'deployment'] as const, by) ?? none })),
  service((_, by) => ({ hotfix: chosen([['hotfix'], ['urgent']], by) ?? none })),
  service((_, by) => ({ botsInLeadTime: by % 2 === 0 })),
  service((_, by) => ({ timezone: chosen(['UTC', 'America/New_York', 'Asia/Kathmandu'], by) ?? none })),
  // A service goes, comes back first, or is a new one.
  (config, by) => ({ ...config, services: (config.services ?? []).filter((_, at) => at !== by % 3) }),
  (config) => {
    const services = config.services ?? []
    const name = ['checkout', 'web', 'api', 'ghost', 'acme/shop'].find((one) =>
      services.every((entry) => entry.name !== one),
    )
    return name === undefined
      ? config
      : { ...config, services: [{ name, repository: 'acme/shop' }, ...services] }
  },
  (config, by) => ({
    ...config,
    timezone: chosen(['UTC', 'Australia/Lord_Howe', 'America/New_York'], by) ?? 'UTC',
  }),
  (config, by) => {
    if (by % 3 > 0)
      return { ...config, since: iso(Date.parse('2026-02-20T07:00:00Z') + (by % 40) * 86_400_000) }
    const { since: _, ...rest } = config
    return rest
  },
  (config, by) => ({ ...config, edition: by % 2 === 0 ? '2021' : '2023' }),
  (config, by) => ({ ...config, windows: chosen([['7d'], ['1d', '30d'], ['7d', '30d', '90d']], by) ?? [] }),
  (config, by) => ({ ...config, unnamedRepositories: by % 2 === 0 }),
]

/** The configuration with one thing changed. */
export function edited(config: ProductConfig, how: number, by: number): ProductConfig {
  return chosen(edits, how)!(config, by)
}
