import { keyOf, type Line } from './line.ts'
import type { Moment } from './moments.ts'

type Note = (shape: string) => void

const minute = 60_000
const week = 7 * 24 * 60 * minute

/** The awkward shapes that the incremental derivation has to get right. */
export const shapes = [
  'several production environments',
  'services that share a repository',
  'a deployment that is several services’',
  'a deployment that names no repository',
  'paths',
  'an incident of several services',
  'an incident by its id',
  'two sources tell the same commit',
  'a commit becomes known after it was deployed',
  'a commit is known before it is deployed',
  'a pull request becomes known after it was deployed',
  'a pull request is known before it is deployed',
  'a running deployment finishes',
  'a deployment that finished before others comes later',
  'deployments that finished at the same time',
  'an incident before its deployment is known',
  'deployment: finishedAt corrected',
  'deployment: outcome corrected',
  'deployment: sha corrected',
  'deployment: environment corrected',
  'deployment: service corrected',
  'deployment: repository corrected',
  'deployment: range corrected',
  'incident: resolvedAt corrected',
  'incident: causedBy corrected',
  'incident: service corrected',
  'incident: services corrected',
  'incident: startedAt corrected',
  'change: labels corrected',
  'change: commits corrected',
  'commit: parents corrected',
  'commit: paths corrected',
  'deployment: removed',
  'incident: removed',
  'change: removed',
  'commit: removed',
  'deployment: told again as it was',
  'a removed fact comes back',
  'a new process',
  'a new process for what was corrected',
  'a refresh that died once',
  'another configuration',
  'a service more or less',
  'other teams',
  'another time zone',
  'sources that are behind',
  'within minutes',
  'after weeks',
  'a refresh without anything new',
] as const

/** Tells which shapes a life has, each at most once a moment. */
export function noteShapes(moments: readonly Moment[], note: Note): void {
  const known = new Map<string, Line>()
  const removed = new Set<string>()
  for (const [position, moment] of moments.entries()) {
    const before = moments[position - 1]
    const corrected = noteFacts(moment.facts, known, removed, note)
    for (const key of moment.removals) {
      if (known.delete(keyOf(key))) note(`${key.kind}: removed`)
      removed.add(keyOf(key))
    }
    noteConfig(moment, note)
    if (moment.isNewProcess && position > 0) note('a new process')
    if (moment.isNewProcess && corrected) note('a new process for what was corrected')
    if (moment.diesAfter !== null) note('a refresh that died once')
    if (moment.lags.some(({ all, changes, incidents }) => all + changes + incidents > 0))
      note('sources that are behind')
    if (moment.facts.length + moment.removals.length === 0) note('a refresh without anything new')
    if (before) noteBetween(before, moment, note)
  }
}

function noteBetween(before: Moment, after: Moment, note: Note): void {
  const passed = after.at - before.at
  if (passed > 0 && passed <= 10 * minute) note('within minutes')
  if (passed >= week) note('after weeks')
  const said = ({ config }: Moment) => JSON.stringify(config)
  const teams = ({ config }: Moment) => (config.services ?? []).map(({ name, team }) => `${name} ${team}`)
  if (said(before) === said(after)) return
  note('another configuration')
  if (before.config.services?.length !== after.config.services?.length) note('a service more or less')
  else if (teams(before).join('\n') !== teams(after).join('\n')) note('other teams')
  if (before.config.timezone !== after.config.timezone) note('another time zone')
}

function noteConfig({ config }: Moment, note: Note): void {
  const services = config.services ?? []
  if (services.some(({ paths }) => (paths ?? []).length > 0)) note('paths')
  const repositories = services.flatMap((one) => one.repositories ?? one.repository ?? [])
  if (new Set(repositories).size < repositories.length) note('services that share a repository')
}

/** Whether a fact was told with other content. */
function noteFacts(
  facts: readonly Line[],
  known: Map<string, Line>,
  removed: Set<string>,
  note: Note,
): boolean {
  let isCorrected = false
  const earlier = [...known.values()]
  for (const line of facts) {
    const key = keyOf(line)
    const former = known.get(key)
    if (former) isCorrected = noteCorrections(former, line, note) || isCorrected
    else noteArrival(line, earlier, note)
    if (removed.delete(key)) note('a removed fact comes back')
    known.set(key, line)
  }
  const finishes = [...known.values()]
    .filter(isFinished)
    .map((one) => `${placeOf(one)} ${String(one['finishedAt'])}`)
  if (new Set(finishes).size < finishes.length) note('deployments that finished at the same time')
  return isCorrected
}

function noteCorrections(former: Line, line: Line, note: Note): boolean {
  const keys = [...new Set([...Object.keys(former), ...Object.keys(line)])]
  const other = keys.filter((key) => JSON.stringify(former[key]) !== JSON.stringify(line[key]))
  for (const key of other) note(`${line.kind}: ${key} corrected`)
  if (other.length === 0) note(`${line.kind}: told again as it was`)
  if (former['outcome'] === 'running' && isFinished(line)) note('a running deployment finishes')
  return other.length > 0
}

/** What comes for the first time, beside what was known before. */
function noteArrival(line: Line, earlier: readonly Line[], note: Note): void {
  const deployments = earlier.filter(isFinished)
  const ships = (sha: unknown) => deployments.some((one) => one['sha'] !== undefined && one['sha'] === sha)
  if (line.kind === 'commit') {
    if (ships(line['sha'])) note('a commit becomes known after it was deployed')
    if (earlier.some((one) => one.kind === 'commit' && one.source !== line.source && one.id === line.id))
      note('two sources tell the same commit')
  }
  if (line.kind === 'change' && (ships(line['mergeSha']) || ships(line['headSha'])))
    note('a pull request becomes known after it was deployed')
  if (line.kind === 'incident') noteIncident(line, note)
  if (line.kind !== 'deployment') return
  const places = new Set([line, ...deployments].filter(isFinished).map(placeOf))
  const names = new Set([line, ...deployments].filter(isFinished).map((one) => String(one['service'])))
  if (places.size > names.size) note('several production environments')
  if (line['service'] === undefined) note('a deployment that is several services’')
  if (line['repository'] === undefined) note('a deployment that names no repository')
  if (earlier.some((one) => one.kind === 'commit' && one['sha'] === line['sha']))
    note('a commit is known before it is deployed')
  if (earlier.some((one) => one.kind === 'change' && one['mergeSha'] === line['sha']))
    note('a pull request is known before it is deployed')
  const isEarlier = (one: Line) =>
    placeOf(one) === placeOf(line) && String(one['finishedAt']) > String(line['finishedAt'])
  if (isFinished(line) && deployments.some(isEarlier))
    note('a deployment that finished before others comes later')
  const causeOf = (one: Line) => (one['causedBy'] as { deploymentId?: string } | undefined)?.deploymentId
  if (earlier.some((one) => causeOf(one) === line.id)) note('an incident before its deployment is known')
}

function noteIncident(line: Line, note: Note): void {
  const services = (line['services'] ?? []) as string[]
  if (new Set([...services, line['service']]).size > 1) note('an incident of several services')
  if (/^P\d/.test(String(line['service']))) note('an incident by its id')
}

function isFinished(line: Line): boolean {
  return line.kind === 'deployment' && (line['outcome'] === 'success' || line['outcome'] === 'failure')
}

function placeOf(line: Line): string {
  return `${String(line['service'] ?? line['repository'])} ${String(line['environment'])}`
}
