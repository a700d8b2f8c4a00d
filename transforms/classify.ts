import type { ServiceSettings } from '../core/service.ts'
import { isRevert, isRevertTitle, type Repository } from './repository.ts'
import type { Rollout } from './rollout.ts'
import type { Shipment, Shipped, Shipping } from './shipping.ts'

/** What a deployment is besides a success or a failure, and what it says of an earlier one. */
export interface Role {
  isRollback: boolean
  isRework: boolean
  isRedeploy: boolean
  /** Position of the deployment that this one remedies, -1 for none. */
  marks: number
}

/** The roles of deployments, of all that were told. */
export interface Classification {
  roles: Role[]
  /** Goes on with what `rollouts` has been added since, once it is shipped. */
  tellNew(): void
}

/**
 * The roles of the deployments of one service and environment, in order (metrics, "Failed deployments", 3).
 */
export function classify(
  settings: ServiceSettings,
  rollouts: readonly Rollout[],
  { shipments, contains }: Shipping,
  repositoryOf: (name: string) => Repository,
): Classification {
  const roles: Role[] = []
  const isHotfix = hotfixMatcher(settings.hotfix)
  /** Positions, -1 while there is none. */
  let live = -1
  let latestFailed = -1
  let latestOwnSuccess = -1
  let latestNormal = -1

  function tell(position: number): void {
    const rollout = rollouts[position]!
    const shipment = shipments[position]!
    const redeploys = live >= 0 && isSame(rollout, rollouts[live]!)
    const isRollback = rollout.isRollback ?? (!redeploys && takesBack(position))
    const isRework = rollout.isRework ?? (isRollback || (!redeploys && isRepair(rollout, shipment)))
    const isRedeploy = redeploys && !isRollback && !isRework
    const marks = isRollback ? rollbackTarget(redeploys) : isRework ? reworkTarget(rollout) : -1
    roles.push({ isRollback, isRework, isRedeploy, marks })

    if (!rollout.succeeded) latestFailed = position
    else {
      live = position
      if (!isRedeploy) latestOwnSuccess = position
    }
    if (!isRollback && !isRework && !isRedeploy) latestNormal = position
  }
  function tellNew(): void {
    for (let position = roles.length; position < rollouts.length; position += 1) tell(position)
  }
  tellNew()
  return { roles, tellNew }

  /** Its commit (where one of the two has none, its version) was shipped before, and does not contain what is live. */
  function takesBack(position: number): boolean {
    const rollout = rollouts[position]!
    if (!rollout.succeeded || live < 0) return false
    const byCommit = rollout.sha !== undefined && rollouts[live]!.sha !== undefined
    if (!byCommit && (rollout.version === undefined || rollouts[live]!.version === undefined)) return false
    const key = byCommit ? 'commitBefore' : 'versionBefore'
    const first = shipments[position]![key]
    if (first < 0) return false
    const contained = byCommit ? contains(rollout, rollouts[live]!) : undefined
    if (contained !== undefined) return !contained
    const liveFirst = shipments[live]![key]
    return first < (liveFirst < 0 ? live : liveFirst)
  }

  function rollbackTarget(redeploysLive: boolean): number {
    return redeploysLive ? latestFailed : latestOwnSuccess
  }

  function reworkTarget(rollout: Rollout): number {
    if (latestNormal < 0) return -1
    return rollout.at - rollouts[latestNormal]!.at <= settings.remediationWindowMs ? latestNormal : -1
  }

  function isRepair(rollout: Rollout, shipment: Shipment): boolean {
    const repository = repositoryOf(rollout.repository)
    return (
      shipment.changes.length > 0 &&
      shipment.changes.every((shipped) => isRevertOrHotfix(shipped, repository, isHotfix))
    )
  }
}

/** The same commit; where one of the two has none, the same version. */
function isSame(a: Rollout, b: Rollout): boolean {
  if (a.sha !== undefined && b.sha !== undefined) return a.sha === b.sha && a.repository === b.repository
  return a.version !== undefined && a.version === b.version
}

function isRevertOrHotfix(
  shipped: Shipped,
  repository: Repository,
  isHotfix: (name: string) => boolean,
): boolean {
  if (shipped.kind === 'pushed' || shipped.kind === 'unknown') return false
  if (shipped.kind === 'commit') return isRevert(repository, shipped.commit)
  const { title, labels, branch } = shipped.change
  return isRevertTitle(title) || labels.some(isHotfix) || isHotfix(branch)
}

/** Whether a label or branch is one of these names, or stands below one: in any case. */
export function hotfixMatcher(names: readonly string[]): (name: string) => boolean {
  const wanted = names.map((name) => name.toLowerCase())
  return (name) => {
    if (name === '') return false
    const given = name.toLowerCase()
    return wanted.some((each) => given === each || given.startsWith(`${each}/`))
  }
}
