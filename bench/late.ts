import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fact, Incident } from '../core/fact.ts'
import { deriveChanges } from '../pipeline/derive.ts'
import { openSqlite } from '../store/sqlite.ts'
import { deploymentOf, incidentOf } from './happenings.ts'
import { importAll } from './import.ts'
import { createMain } from './main-branch.ts'
import type { Figure } from './figure.ts'
import { incidentName, repositoryName } from './history.ts'
import { randomFrom } from './random.ts'
import { optionsFor } from './settings.ts'
import { stopwatch, type Took } from './stopwatch.ts'

const deployments = 10_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Ten deployments a day, each with a commit: a thousand days. */
const perDay = 10
const begin = Date.UTC(2023, 0, 2)
const end = begin + (deployments / perDay) * dayMs
const lateDays = 21
/** The one incident of every fiftieth deployment. */
const incidentEvery = 50

/**
 * What it costs to restate the windows of a service with ten thousand deployments when an incident is told that names
 * one of three weeks ago: in the process that derived them, and in one that has just been started.
 */
export async function benchLate(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dorado-bench-'))
  const path = join(folder, 'late.db')
  const options = optionsFor(1, end + hourMs)
  const restate = async (store: ReturnType<typeof openSqlite>, number: number) => {
    await store.facts.save({ facts: [lateIncident(number)] })
    const took = stopwatch()
    const { points } = await deriveChanges(store, options)
    return { ...took(), points }
  }
  try {
    let store = openSqlite({ path })
    await importAll(store, history())
    const took = stopwatch()
    await deriveChanges(store, options)
    const whole = took()
    const first = await restate(store, 1)
    const again = await restate(store, 2)
    store.close()
    store = openSqlite({ path })
    const anew = await restate(store, 3)
    store.close()
    const figure = (name: string, { ms, points }: Took & { points: number }, atMost?: number): Figure => ({
      name: `late incident, ${deployments} deployments, ${name} (${points} points)`,
      value: ms,
      unit: 'ms',
      ...(atMost === undefined ? {} : { atMost }),
    })
    return [
      { name: `deriving ${deployments} deployments of a service`, value: whole.ms, unit: 'ms' },
      figure('the first', first, 100),
      figure('the next', again, 100),
      figure('in a new process', anew),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function* history(): Generator<Fact> {
  const random = randomFrom(7)
  const repository = repositoryName(0)
  const url = `https://git.example.com/${repository}`
  const main = createMain(repository, url, random)
  for (let number = 0; number < deployments; number += 1) {
    const at = finishOf(number)
    yield main.push(at - hourMs)
    const rollout = { repository, url, number, sha: main.head(), at, random, rollsBack: false }
    yield deploymentOf({ ...rollout, fails: random.chance(0.05) })
    if (number % incidentEvery === 0)
      yield incidentOf(incidentName(0), number, at + 20 * 60_000, at + hourMs, random)
  }
}

function finishOf(number: number): number {
  return begin + Math.floor(number / perDay) * dayMs + (8 + (number % perDay)) * hourMs
}

/** It names a deployment of three weeks ago, each time another one. */
function lateIncident(which: number): Incident {
  const number = deployments - lateDays * perDay + which
  const at = finishOf(number)
  return {
    ...incidentOf(incidentName(0), deployments + which, at + 600_000, at + hourMs, randomFrom(which)),
    causedBy: { deploymentId: String(number) },
  }
}
