import type { ChangeFact, CommitFact, DeploymentFact, IncidentFact } from './facts.ts'

/** `2 10:30` is that time on that day of March 2026. */
export function time(text: string): string {
  const [day = '', clock = ''] = text.split(' ')
  return `2026-03-${day.padStart(2, '0')}T${clock.padStart(5, '0')}:00Z`
}

export function deployed(id: string, when: string, rest: Partial<DeploymentFact> = {}): DeploymentFact {
  return {
    kind: 'deployment',
    source: 'ci',
    id,
    service: 'shop',
    environment: 'production',
    repository: 'acme/shop',
    finishedAt: time(when),
    outcome: 'success',
    ...rest,
  }
}

export function commit(
  sha: string,
  parents: string[],
  when: string,
  rest: Partial<CommitFact> = {},
): CommitFact {
  const at = time(when)
  const identity = { kind: 'commit' as const, source: 'git', id: `acme/shop@${sha}`, repository: 'acme/shop' }
  return { ...identity, sha, parents, authoredAt: at, committedAt: at, ...rest }
}

export function change(
  number: number,
  shas: string[],
  when: string,
  rest: Partial<ChangeFact> = {},
): ChangeFact {
  return {
    kind: 'change',
    source: 'git',
    id: `acme/shop!${number}`,
    repository: 'acme/shop',
    number,
    title: 'A change',
    author: 'dev-1',
    isBot: false,
    labels: [],
    openedAt: time(when),
    mergedAt: time(when),
    commits: shas.map((sha) => ({ sha, authoredAt: time(when) })),
    ...rest,
  }
}

export function incident(when: string, until: string | null, rest: Partial<IncidentFact> = {}): IncidentFact {
  return {
    kind: 'incident',
    source: 'pager',
    id: 'i1',
    service: 'shop',
    startedAt: time(when),
    ...(until === null ? {} : { resolvedAt: time(until) }),
    ...rest,
  }
}
