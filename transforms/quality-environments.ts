import { isoOf } from '../core/calendar.ts'
import { environmentMatcher } from '../core/matchers.ts'
import type { ServiceSettings } from '../core/service.ts'
import type { Finding } from './finding.ts'
import type { Rollout } from './rollout.ts'

const productionWords: ReadonlySet<string> = new Set(['production', 'prod', 'prd', 'live'])

/** Beside a word for production they say that it is something else: what comes before it, or is made like it. */
const otherWords: ReadonlySet<string> = new Set(
  (
    'pre non no not pseudo quasi like lite copy clone mirror shadow replica backup standby dr old former ' +
    'test tests tst testing tester qa uat acceptance acc perf performance load loadtest bench benchmark smoke e2e ' +
    'int integration ci staging stage stg dev develop development developer local lab sandbox sbx play playground ' +
    'preview previews review reviews pr mr pull branch ephemeral temp tmp demo training trial poc experiment ' +
    'experimental sim simulation mock fake dummy alpha beta rc nightly canary dry dryrun rehearsal debug'
  ).split(' '),
)

/**
 * Whether a name is probably that of a production environment: one of its words is, and none says otherwise. Words
 * end at a separator, at a capital letter, and before a number: `production-eu`, `prod_us`, `prdEast`, `live2`.
 */
export function looksLikeProduction(environment: string): boolean {
  const words = environment
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .flatMap((word) => [word, word.replace(/\d+$/, '')])
  return words.some((word) => productionWords.has(word)) && !words.some((word) => otherWords.has(word))
}

/** What is known of the finished deployments of one service to one environment. Epoch ms. */
export interface EnvironmentUse {
  environment: string
  deployments: number
  lastAt: number
}

/** By environment, sorted by its name. */
export function environmentsUsed(rollouts: readonly Pick<Rollout, 'environment' | 'at'>[]): EnvironmentUse[] {
  const uses = new Map<string, EnvironmentUse>()
  for (const { environment, at } of rollouts) {
    const use = uses.get(environment)
    if (use === undefined) uses.set(environment, { environment, deployments: 1, lastAt: at })
    else {
      use.deployments += 1
      use.lastAt = Math.max(use.lastAt, at)
    }
  }
  return [...uses.values()].sort((a, b) => (a.environment < b.environment ? -1 : 1))
}

/**
 * What a service's deployments outside production tell: environments that look like production and are not
 * configured as such, and that there is no deployment to production at all. `isOthers` tells of an environment
 * whether it is a production environment of a service that shares the repository.
 */
export function environmentFindings(
  { name, environments }: Pick<ServiceSettings, 'name' | 'environments'>,
  uses: readonly EnvironmentUse[],
  isOthers: (environment: string) => boolean,
): Finding[] {
  const isProduction = environmentMatcher(environments)
  const configured = `\`environments\` has ${environments.join(', ')}`
  const outside = uses.filter(({ environment }) => !isProduction(environment))
  const findings = outside
    .filter(({ environment }) => looksLikeProduction(environment) && !isOthers(environment))
    .map(({ environment, deployments, lastAt }): Finding => {
      const detail = `${counted(deployments)}, the last ${isoOf(lastAt)}; ${configured}`
      return { kind: 'environment_not_production', service: name, environment, subject: name, detail }
    })
  if (outside.length < uses.length || uses.length === 0) return findings
  const shown = outside.slice(0, environmentsShown).map(({ environment }) => environment)
  const more = outside.length > shown.length ? ` and ${outside.length - shown.length} more` : ''
  const total = outside.reduce((sum, { deployments }) => sum + deployments, 0)
  const detail = `${counted(total)} to ${shown.join(', ')}${more}, none to production; ${configured}`
  return [...findings, { kind: 'no_production_deployment', service: name, subject: name, detail }]
}

const environmentsShown = 5

function counted(deployments: number): string {
  return deployments === 1 ? '1 deployment' : `${deployments} deployments`
}
