import type { DeploymentFact } from './facts.ts'

export type BotMetric =
  | 'leadTime'
  | 'flow'
  | 'reviewTime'
  | 'deploymentSize'
  | 'batchAge'
  | 'merged'
  | 'hotfixes'
  | 'labelledFailRate'
export type Bots = Record<BotMetric, 'excluded' | 'included'>

export interface Options {
  leadTimeFrom?: 'first-commit' | 'merge' | 'opened'
  attributionWindow?: string
  remediationWindow?: string
  recoveryClock?: 'impact' | 'deployment'
  hotfix?: string[]
  botsInLeadTime?: boolean
  bots?: Partial<Bots>
  edition?: '2023' | '2021'
}

export interface ServiceConfig extends Options {
  name: string
  team?: string | null
  repository?: string
  repositories?: string[]
  paths?: string[]
  environments?: string[]
}

export interface Config extends Options {
  timezone?: string
  since?: string
  services?: ServiceConfig[]
}

/** What holds for one service: its own options, else those of the top level, else the page's defaults. */
export interface Settings extends Required<Omit<Options, 'bots' | 'botsInLeadTime'>> {
  bots: Bots
  name: string
  team: string | null
  repositories: string[]
  paths: string[] | null
  environments: string[] | null
}

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Milliseconds of `30m`, `1h`, `7d`. */
export function duration(text: string): number {
  const match = /^(\d+)([smhdw])$/.exec(text)
  const unit = units[match?.[2] ?? '']
  if (match?.[1] === undefined || unit === undefined) throw new Error(`not a duration: ${text}`)
  return Number(match[1]) * unit
}

export function settingsOf(config: Config, service: ServiceConfig): Settings {
  return {
    name: service.name,
    team: service.team ?? null,
    repositories: service.repositories ?? (service.repository === undefined ? [] : [service.repository]),
    paths: service.paths === undefined || service.paths.length === 0 ? null : service.paths,
    environments:
      service.environments === undefined || service.environments.length === 0 ? null : service.environments,
    leadTimeFrom: service.leadTimeFrom ?? config.leadTimeFrom ?? 'first-commit',
    attributionWindow: service.attributionWindow ?? config.attributionWindow ?? '1h',
    remediationWindow: service.remediationWindow ?? config.remediationWindow ?? '7d',
    recoveryClock: service.recoveryClock ?? config.recoveryClock ?? 'impact',
    hotfix: service.hotfix ?? config.hotfix ?? ['hotfix'],
    bots: botsOf(config, service),
    edition: service.edition ?? config.edition ?? '2023',
  }
}

/** The service before the top level, and a single metric before the short form, which stands for three. */
function botsOf(config: Config, service: ServiceConfig): Bots {
  const bots: Bots = {
    leadTime: 'excluded',
    flow: 'excluded',
    reviewTime: 'excluded',
    deploymentSize: 'included',
    batchAge: 'included',
    merged: 'excluded',
    hotfixes: 'included',
    labelledFailRate: 'included',
  }
  for (const level of [config, service]) {
    if (level.botsInLeadTime !== undefined) {
      const choice = level.botsInLeadTime ? 'included' : 'excluded'
      bots.leadTime = choice
      bots.flow = choice
      bots.reviewTime = choice
    }
    Object.assign(bots, level.bots)
  }
  return bots
}

/** Every configured service, and every other one that a deployment names (it belongs to no team). */
export function allSettings(config: Config, deployments: readonly DeploymentFact[]): Settings[] {
  const configured = (config.services ?? []).map((service) => settingsOf(config, service))
  const names = new Set(configured.map((service) => service.name))
  const others = new Set(
    deployments.map((deployment) => deployment.service).filter((name) => !names.has(name)),
  )
  return [...configured, ...[...others].map((name) => settingsOf(config, { name }))]
}

/**
 * "Production environments only, as configured per service (exact names, or regular expressions between
 * slashes that must match the whole name; default `production` and `prod` in any case."
 */
export function isProduction(settings: Settings, environment: string): boolean {
  if (settings.environments === null) return ['production', 'prod'].includes(environment.toLowerCase())
  return settings.environments.some((pattern) => {
    const expression = /^\/(.*)\/$/.exec(pattern)?.[1]
    if (expression === undefined) return pattern === environment
    return new RegExp(`^(?:${expression})$`).test(environment)
  })
}

/** "`paths` are globs (`*` within a segment, `**` across)": a leading dot is a character like any other. */
export function matchesGlob(glob: string, path: string): boolean {
  const expression = glob
    .split(/(\*\*\/|\*\*|\*)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?'
      if (part === '**') return '.*'
      if (part === '*') return '[^/]*'
      return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    })
    .join('')
  return new RegExp(`^${expression}$`).test(path)
}

/** "a hotfix label or branch (`hotfix`, `hotfix/…` in any case; configurable)" */
export function isHotfix(settings: Settings, name: string): boolean {
  const lower = name.toLowerCase()
  return settings.hotfix.some((word) => {
    const wanted = word.toLowerCase()
    return lower === wanted || lower.startsWith(`${wanted}/`)
  })
}
