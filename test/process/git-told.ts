import type { Change, Commit, Deployment, Fact } from '../../core/fact.ts'
import type { Page, Skipped } from '../../extractors/extractor.ts'
import { git, readRepository } from '../../extractors/git/index.ts'
import type { RepositoryOptions } from '../../extractors/git/index.ts'
import type { Shelf } from '../extractors/contract.ts'
import { quietIo } from '../extractors/contract.ts'

export interface Told {
  facts: Fact[]
  skipped: Skipped[]
  commits: Commit[]
  /** In the order of their ids. */
  changes: Change[]
  deployments: Deployment[]
  pageSizes: number[]
}

/** All that one reading of a repository tells. */
export async function told(path: string, options: RepositoryOptions = {}): Promise<Told> {
  const facts: Fact[] = []
  const skipped: Skipped[] = []
  const pageSizes: number[] = []
  for await (const page of readRepository(path, options, quietIo(0))) {
    facts.push(...page.facts)
    pageSizes.push(page.facts.length)
    skipped.push(...(page.skipped ?? []))
  }
  const commits = facts.filter((fact) => fact.kind === 'commit')
  const changes = facts.filter((fact) => fact.kind === 'change').sort((a, b) => (a.id < b.id ? -1 : 1))
  const deployments = facts.filter((fact) => fact.kind === 'deployment')
  return { facts, skipped, commits, changes, deployments, pageSizes }
}

/** One run of the source `clones` into a shelf. */
export async function refresh(path: string, shelf: Shelf, settings: object = {}): Promise<Page[]> {
  const extractor = git.make('clones', git.schema.parse({ path, ...settings }))
  const pages: Page[] = []
  for await (const page of extractor.extract(shelf.since(0), quietIo(0))) {
    shelf.put(page)
    pages.push(page)
  }
  return pages
}
