import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Commit } from '../../../core/fact.ts'
import { startDemo, type Demo } from '../../../demo/start.ts'
import { github } from '../../../extractors/github/index.ts'
import { createShelf, quietIo, type Shelf } from '../../extractors/contract.ts'

const now = Date.UTC(2026, 10, 20, 15)
let demo: Demo

beforeAll(async () => {
  demo = await startDemo({ seed: 3, now, clock: () => now, days: 30 })
})
afterAll(() => demo.stop())

// Trunk based, rebase, merge commits with a release branch, squash: every way in which a commit comes in.
const wanted = ['acme/web', 'acme/invoices', 'acme/ledger', 'acme/discovery']
const repositories = [...wanted, 'acme/checkout']

async function read(shelf: Shelf): Promise<void> {
  const settings = { token: demo.githubToken, baseUrl: demo.githubUrl, repositories, commitFiles: 5_000 }
  const extractor = github.make('github', github.schema.parse(settings))
  const wantsPaths = (repository: string) => wanted.includes(repository)
  const since = { ...shelf.since(Date.parse(demo.since)), wantsPaths }
  for await (const page of extractor.extract(since, quietIo(now))) shelf.put(page)
}

test('every commit has the paths that the company knows of, where they are wanted', async () => {
  const shelf = createShelf()
  await read(shelf)
  const commits = [...shelf.facts.values()].filter((fact): fact is Commit => fact.kind === 'commit')
  for (const name of wanted) {
    const { commitBySha } = demo.company.repositories.get(name)!
    const own = commits.filter((each) => each.repository === name)
    expect(own.length).toBeGreaterThan(20)
    for (const { sha, paths } of own)
      expect({ sha, paths: paths?.toSorted() }).toEqual({
        sha,
        paths: [...new Set(commitBySha.get(sha)?.paths)].sort(),
      })
  }
  const others = commits.filter((each) => each.repository === 'acme/checkout')
  expect(others.length).toBeGreaterThan(20)
  expect(others.every((each) => each.paths === undefined)).toBe(true)
  // Nothing is new: only deployments that still run are asked for, all in one query.
  const running = [...shelf.facts.values()].filter(
    (fact) => fact.kind === 'deployment' && fact.outcome === 'running',
  )
  const before = demo.counts().github
  await read(shelf)
  const { restCounted, graphqlPoints } = demo.counts().github
  expect({ restCounted, graphqlPoints }).toEqual({
    restCounted: before.restCounted,
    graphqlPoints: before.graphqlPoints + Math.min(running.length, 1),
  })
})
