import { describe, expect, test } from 'vitest'
import { dayMs } from '../../core/calendar.ts'
import { undeployedFindings, unknownFindings, type ServiceUse } from '../../transforms/quality-coverage.ts'

const now = Date.parse('2026-06-01T00:00:00Z')
const service = (more: Partial<ServiceUse> = {}): ServiceUse => ({
  name: 'web',
  repositories: ['acme/web'],
  repositoriesUsed: ['acme/web'],
  incidentNames: ['P1'],
  deployedAt: now - dayMs,
  repositoriesRead: true,
  incidentsRead: true,
  ...more,
})
const known = {
  history: new Set(['acme/web']),
  repositories: new Set(['acme/web']),
  incidents: new Set(['P1']),
}
const nothing = { history: new Set<string>(), repositories: new Set<string>(), incidents: new Set<string>() }

describe('what is configured', () => {
  test('and known is not told', () => expect(unknownFindings([service()], known)).toEqual([]))

  test('and not known is told, name by name', () => {
    expect(unknownFindings([service()], nothing)).toEqual([
      {
        kind: 'repository_unknown',
        service: 'web',
        subject: 'acme/web',
        detail: 'no commit, change, run or deployment of this repository is known',
      },
      {
        kind: 'incident_name_unknown',
        service: 'web',
        subject: 'P1',
        detail: 'no incident of this name or id is known',
      },
    ])
  })

  test('a name in other capitals is pointed out', () => {
    const [finding] = unknownFindings([service({ repositories: ['Acme/Web'] })], known)
    expect(finding?.detail).toMatch(/; facts name it acme\/web$/)
  })

  test('unknown is not none: while a source was never read nothing is said', () => {
    const kinds = (more: Partial<ServiceUse>) =>
      unknownFindings([service(more)], nothing).map(({ kind }) => kind)
    expect(kinds({ repositoriesRead: false })).toEqual(['incident_name_unknown'])
    expect(kinds({ incidentsRead: false })).toEqual(['repository_unknown'])
  })
})

describe('a repository with a history', () => {
  const told = (more: Partial<ServiceUse>, withoutService: string[] = []) =>
    undeployedFindings([service(more)], known, withoutService, now)

  test('whose service was deployed in the last 90 days is not told', () => {
    expect(told({ deployedAt: now - 90 * dayMs + 1 })).toEqual([])
  })

  test('whose service was deployed longer ago is', () => {
    expect(told({ deployedAt: now - 90 * dayMs })).toEqual([
      {
        kind: 'repository_without_deployments',
        service: 'web',
        subject: 'acme/web',
        detail:
          'its commits are known, and web was last deployed to any environment 2026-03-03T00:00:00.000Z',
      },
    ])
  })

  test('whose service was never deployed is', () => {
    expect(told({ deployedAt: null })[0]?.detail).toMatch(/web was never deployed to any environment$/)
  })

  test('of which no commit is known is another matter', () => {
    expect(undeployedFindings([service({ deployedAt: null })], nothing, [], now)).toEqual([])
  })

  test('that no service names has none', () => {
    expect(told({}, ['acme/tools'])).toEqual([
      {
        kind: 'repository_without_deployments',
        service: '',
        subject: 'acme/tools',
        detail: 'its commits are known, no deployment of it is, and no service names it',
      },
    ])
  })
})
