import { leftOutOfLeadTime, type CountedEvents } from './counted-events.ts'
import { arranged, samplesOf, unlessSame } from './samples.ts'
import type { Timeline } from './timeline.ts'
import type { Span, WindowNumbers } from './windows.ts'

/** Lead times by the finish of the deployment, and how many changes by bots were left out. */
export function leadTimes(members: readonly CountedEvents[], line: Timeline) {
  const samplesIn = samplesOf(
    arranged(
      line,
      members.map(({ leadMs }) => leadMs),
    ),
  )
  const leftOut = line.arrange(
    members.map(({ leadLeftOut }) => leadLeftOut),
    new Uint8Array(line.size),
  )
  return (spans: readonly Span[]): ((span: number) => WindowNumbers['leadTime']) => {
    const samples = samplesIn(spans)
    const move = line.sweep(spans)
    let excludedBots = 0
    const apply = (event: number, by: 1 | -1) => {
      if (leftOut[event]! & leftOutOfLeadTime) excludedBots += by
      samples.apply(event, by)
    }
    const told = unlessSame(() => {
      const { n, p50, p90 } = samples.percentiles()
      return { n, p50, p90, p95: samples.values.percentile(0.95), excludedBots }
    })
    return (span) => told(move(span, apply))
  }
}

/** Recovery times by the finish of the deployment that failed. */
export function recoveryTimes(members: readonly CountedEvents[], line: Timeline) {
  const column = (name: 'recoveryMs' | 'fromDeploymentMs') =>
    samplesOf(
      arranged(
        line,
        members.map((member) => member[name]),
      ),
    )
  const leadingIn = column('recoveryMs')
  const fromDeploymentIn = column('fromDeploymentMs')
  const isOpen = line.arrange(
    members.map(({ failureOpen }) => failureOpen),
    new Uint8Array(line.size),
  )
  return (spans: readonly Span[]): ((span: number) => WindowNumbers['recoveryTime']) => {
    const leading = leadingIn(spans)
    const fromDeployment = fromDeploymentIn(spans)
    const move = line.sweep(spans)
    let open = 0
    let failures = 0
    const apply = (event: number, by: 1 | -1) => {
      failures += by
      if (isOpen[event] === 1) open += by
      leading.apply(event, by)
      fromDeployment.apply(event, by)
    }
    const told = unlessSame(() => {
      const { n, p50, p90 } = leading.percentiles()
      return { n, p50, p90, open, unknown: failures - n - open, fromDeployment: fromDeployment.percentiles() }
    })
    return (span) => told(move(span, apply))
  }
}

/** Incidents by their start; `attributions` are the bits that count as attributed. */
export function incidentCounts(members: readonly CountedEvents[], line: Timeline, attributions: number) {
  const samplesIn = samplesOf(
    arranged(
      line,
      members.map(({ incidentMs }) => incidentMs),
    ),
  )
  const flags = line.arrange(
    members.map(({ incidentAttributed }) => incidentAttributed),
    new Uint8Array(line.size),
  )
  return (spans: readonly Span[]): ((span: number) => WindowNumbers['incidents']) => {
    const samples = samplesIn(spans)
    const move = line.sweep(spans)
    let started = 0
    let attributedCount = 0
    const apply = (event: number, by: 1 | -1) => {
      started += by
      if (flags[event]! & attributions) attributedCount += by
      samples.apply(event, by)
    }
    const told = unlessSame(() => ({
      started,
      attributed: attributedCount,
      recoveryTime: samples.percentiles(),
    }))
    return (span) => told(move(span, apply))
  }
}
