import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { configurationOf } from '../../demo/configuration.ts'
import { startDemo, type Demo } from '../../demo/start.ts'
import { madeFacts } from './made-facts.ts'
import { folders, run, start, type Ended, type Running } from './program.ts'
import { integrityOf, progressIn, storedIn, wronglyDelivered, type Progress, type Stored } from './stored.ts'

/**
 * A run that is killed at any moment and then run again ends where an undisturbed one does: the same facts, the
 * same points, byte for byte, and a line-protocol file that tells the same.
 */

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const days = 16
const temporary = folders()
const now = Date.now()

type Requests = { github: number; pagerduty: number }

let demo: Demo
let seen: Requests = { github: 0, pagerduty: 0 }
let onRequest: () => void = () => {}

beforeAll(async () => {
  const counted = (server: keyof Requests) => () => {
    seen[server] += 1
    onRequest()
    return undefined
  }
  demo = await startDemo({
    now,
    clock: () => now,
    services: 4,
    days,
    faults: { github: counted('github'), pagerduty: counted('pagerduty') },
    limits: { githubPerHour: 1e6, pagerdutyPerMinute: 1e6 },
  })
})

afterAll(async () => {
  await demo?.stop()
  temporary.remove()
})

/** When a run is killed: with a request, when its store has come so far, or after a share of its usual time. */
type Moment =
  | { name: string; requests: (seen: Requests) => boolean }
  | { name: string; progress: (progress: Progress) => boolean; laterMs?: number }
  | { name: string; share: number }

interface Command {
  args: string[]
  /** Makes a folder to run it in. */
  prepare: () => string
}

interface Undisturbed {
  hour: number
  stored: Stored
  durationMs: number
}

const hourNow = () => Math.floor(Date.now() / hourMs)
const references = new Map<Command, Undisturbed>()

/** The windows of the running day end at the full hour: a reference is good for one hour. */
async function undisturbed(command: Command): Promise<Undisturbed> {
  const known = references.get(command)
  if (known?.hour === hourNow()) return known
  const hour = hourNow()
  const folder = command.prepare()
  const startedAt = performance.now()
  expect(await run(command.args, { cwd: folder })).toMatchObject({ code: 0 })
  const durationMs = performance.now() - startedAt
  const reference = { hour, stored: await storedIn(folder), durationMs }
  expect(await wronglyDelivered(folder)).toEqual([])
  references.set(command, reference)
  return hour === hourNow() ? reference : undisturbed(command)
}

/** Runs a command and kills it at a moment; tells how it ended, for it may have been quicker. */
async function killed({ args }: Command, folder: string, moment: Moment, usualMs: number): Promise<Ended> {
  seen = { github: 0, pagerduty: 0 }
  const running = start(args, { cwd: folder })
  if ('requests' in moment) onRequest = () => moment.requests(seen) && kill(running)
  else if ('progress' in moment) void killAtProgress(running, folder, moment)
  else void wait(usualMs * moment.share, undefined, { ref: false }).then(() => kill(running))
  try {
    return await running.ended
  } finally {
    onRequest = () => {}
  }
}

async function killAtProgress(
  running: Running,
  folder: string,
  { progress, laterMs = 0 }: { progress: (progress: Progress) => boolean; laterMs?: number },
): Promise<void> {
  const watched = progressIn(folder, progress)
  void running.ended.finally(() => watched.stop())
  await watched.reached
  if (laterMs > 0) await wait(laterMs)
  kill(running)
}

function kill({ child }: Running): void {
  child.kill('SIGKILL')
}

/** One run that is killed and one to the end, both in the hour of the reference. */
async function expectNoTrace(command: Command, moment: Moment): Promise<void> {
  const reference = await undisturbed(command)
  let folder = command.prepare()
  let usualMs = reference.durationMs
  let laterMs = 'progress' in moment ? (moment.laterMs ?? 0) : 0
  for (;;) {
    const ended = await killed(command, folder, { ...moment, laterMs }, usualMs)
    if (ended.signal === 'SIGKILL') break
    // Done before its time had come: once more, and sooner.
    expect(ended.code, ended.stderr).toBe(0)
    expect(usualMs, `${moment.name} never came`).toBeGreaterThan(reference.durationMs / 8)
    usualMs /= 2
    laterMs /= 2
    folder = command.prepare()
  }
  if (existsSync(join(folder, 'dorado.db'))) expect(integrityOf(folder)).toBe('ok')

  const second = await run(command.args, { cwd: folder })
  expect(second, second.stderr).toMatchObject({ code: 0, signal: null })
  if (reference.hour !== hourNow()) return expectNoTrace(command, moment)
  expectSame(await storedIn(folder), reference.stored)
  expect(await wronglyDelivered(folder)).toEqual([])
  expect(integrityOf(folder)).toBe('ok')
}

/** Of thousands of lines the first few that differ are enough to see. */
function expectSame(found: Stored, wanted: Stored): void {
  for (const kind of ['facts', 'points'] as const) {
    if (found[kind].join('\n') === wanted[kind].join('\n')) continue
    const [a, b] = [new Set(found[kind]), new Set(wanted[kind])]
    expect({
      missing: wanted[kind].filter((line) => !a.has(line)).slice(0, 3),
      extra: found[kind].filter((line) => !b.has(line)).slice(0, 3),
    }).toEqual({ missing: [], extra: [] })
    expect.unreachable(`${kind} are told twice, or in another order`)
  }
}

function configured(since: number): string {
  const folder = temporary.make()
  writeConfig(folder, since)
  return folder
}

function writeConfig(folder: string, since: number): void {
  const values: Record<string, string> = { ...demo.environment, DEMO_SINCE: new Date(since).toISOString() }
  const configuration = { ...configurationOf(demo.company), windows: ['7d', '30d'] }
  const text = stringify(configuration).replaceAll(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
  writeFileSync(join(folder, 'dorado.yaml'), text)
}

const isComplete = ({ completeSources }: Progress) => completeSources === 2
const isDerived = ({ points }: Progress) => points > 0
const isDelivering = (progress: Progress) => progress.isDelivering

describe('refresh', () => {
  const command: Command = { args: ['refresh'], prepare: () => configured(demo.company.since) }
  const moments: Moment[] = [
    { name: 'with the 20th request to GitHub', requests: ({ github }) => github === 20 },
    { name: 'with the tenth request to PagerDuty', requests: ({ pagerduty }) => pagerduty === 10 },
    { name: 'during derivation', progress: isComplete, laterMs: 60 },
    { name: 'when services are derived', progress: isDerived },
    { name: 'during delivery', progress: isDelivering },
    { name: 'after nearly all of its time', share: 0.85 },
  ]
  test.each(moments)('killed $name', async (moment) => {
    await expectNoTrace(command, moment)
  })
})

describe('backfill', () => {
  let refreshed: string
  beforeAll(async () => {
    refreshed = configured(now - (days * dayMs) / 2)
    expect(await run(['refresh'], { cwd: refreshed })).toMatchObject({ code: 0 })
  })

  function prepare(): string {
    const folder = configured(demo.company.since)
    for (const file of ['dorado.db', 'dorado.lp']) copyFileSync(join(refreshed, file), join(folder, file))
    return folder
  }

  const since = new Date(now - (days - 1) * dayMs).toISOString()
  const command: Command = { args: ['backfill', '--since', since], prepare }
  const moments: Moment[] = [
    { name: 'with its first request', requests: ({ github, pagerduty }) => github + pagerduty === 1 },
    { name: 'with the 15th request to GitHub', requests: ({ github }) => github === 15 },
    { name: 'with the fifth request to PagerDuty', requests: ({ pagerduty }) => pagerduty === 5 },
    { name: 'after half of its time', share: 0.5 },
    { name: 'after nearly all of its time', share: 0.85 },
  ]
  test.each(moments)('killed $name', async (moment) => {
    await expectNoTrace(command, moment)
  })
})

describe('import', () => {
  const total = 12_000
  let lines: string
  beforeAll(() => {
    lines = madeFacts({ total, endsAt: Math.floor(now / dayMs) * dayMs, repositories: 10 })
  })

  function prepare(): string {
    const folder = temporary.make()
    writeFileSync(join(folder, 'dorado.yaml'), 'windows: [7d]\n')
    writeFileSync(join(folder, 'facts.ndjson'), lines)
    return folder
  }

  const command: Command = { args: ['import', 'facts.ndjson'], prepare }
  const moments: Moment[] = [
    { name: 'with its first facts', progress: ({ facts }) => facts > 0 },
    { name: 'with half of its facts', progress: ({ facts }) => facts >= total / 2 },
    { name: 'during derivation', progress: ({ facts }) => facts === total, laterMs: 150 },
    { name: 'when services are derived', progress: isDerived },
    { name: 'during delivery', progress: isDelivering },
  ]
  test.each(moments)('killed $name', async (moment) => {
    await expectNoTrace(command, moment)
  })
})
