import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createIo, pipelineOf } from '../cli/context.ts'
import { loadConfig } from '../config/load.ts'
import { startDemo } from '../demo/start.ts'
import { sources } from '../extractors/index.ts'
import { sinks } from '../loaders/index.ts'
import { refresh } from '../pipeline/refresh.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { Figure } from './figure.ts'

/** Some share a repository: a hundred repositories and more. */
const services = 120
const now = Date.UTC(2026, 2, 10, 12, 10)
const budget = 10_000_000

/**
 * What a refresh with nothing new costs of the vendors' limits: the repositories of the simulated company, read
 * once, then again. The simulator counts as GitHub does: 304 is free, every GraphQL query costs a point.
 */
export async function benchQuiet(): Promise<Figure[]> {
  const demo = await startDemo({
    now,
    clock: () => now,
    services,
    days: 10,
    limits: { githubPerHour: budget, pagerdutyPerMinute: budget },
  })
  const folder = mkdtempSync(join(tmpdir(), 'dorado-bench-'))
  const store = openSqlite({ path: join(folder, 'quiet.db') })
  try {
    const names = [...demo.company.repositories.keys()]
    const text = JSON.stringify({
      since: demo.since,
      sources: [
        { kind: 'github', baseUrl: demo.githubUrl, token: demo.githubToken, repositories: names },
        { kind: 'pagerduty', baseUrl: demo.pagerdutyUrl, token: demo.pagerdutyToken },
      ],
    })
    const readFile = (path: string) => readFileSync(path, 'utf8')
    const config = loadConfig({
      path: join(folder, 'dorado.yaml'),
      text,
      env: {},
      readFile,
      connectors: { sources, sinks },
    })
    const pipeline = { ...pipelineOf(config, store), loaders: [] }
    const io = { ...createIo(config, new AbortController().signal), clock: () => now }
    const counted = () => {
      const { github, pagerduty } = demo.counts()
      return { github: github.restCounted + github.graphqlPoints, pagerduty: pagerduty.counted }
    }
    for (const { error } of (await refresh(pipeline, io)).sources) if (error) throw new Error(error)
    const before = counted()
    await refresh(pipeline, io)
    const after = counted()
    return (['github', 'pagerduty'] as const).map((source) => ({
      name: `quiet refresh, ${names.length} repositories: ${source} requests that count`,
      value: after[source] - before[source],
      unit: '',
      atMost: 1,
    }))
  } finally {
    store.close()
    rmSync(folder, { recursive: true })
    await demo.stop()
  }
}
