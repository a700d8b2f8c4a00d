/**
 * NDJSON facts of some repositories with a straight history each: a commit an hour, every eighth is deployed, every
 * seventh deployment fails, and now and then there is an incident. The last is of `endsAt`, epoch ms. The same
 * for the same options.
 */
export function madeFacts({
  total,
  endsAt,
  repositories,
}: {
  total: number
  endsAt: number
  repositories: number
}): string {
  const hourMs = 3_600_000
  const from = endsAt - Math.ceil(total / repositories) * hourMs
  const iso = (at: number) => new Date(at).toISOString()
  const lines: string[] = []
  for (let index = 0; lines.length < total; index += 1) {
    for (let number = 0; number < repositories; number += 1) {
      const repository = `acme/made-${number}`
      const at = from + index * hourMs + number * 60_000
      const sha = shaOf(number, index)
      lines.push(
        line('commit', `${repository}@${sha}`, {
          repository,
          sha,
          parents: index === 0 ? [] : [shaOf(number, index - 1)],
          authoredAt: iso(at - hourMs / 2),
          committedAt: iso(at),
        }),
      )
      if (index % 8 === 7) {
        const times = { startedAt: iso(at + 60_000), finishedAt: iso(at + 300_000) }
        const outcome = index % 56 === 7 ? 'failure' : 'success'
        const rollout = { repository, environment: 'production', sha, ...times, outcome }
        lines.push(line('deployment', `${repository}#${index}`, rollout))
      }
      if (index % 80 === 40) {
        const times = { startedAt: iso(at), resolvedAt: iso(at + hourMs) }
        lines.push(line('incident', `${repository}!${index}`, { service: repository, ...times }))
      }
    }
  }
  return `${lines.slice(0, total).join('\n')}\n`
}

function shaOf(repository: number, index: number): string {
  return (repository * 1_000_000 + index).toString(16).padStart(40, '0')
}

function line(kind: string, id: string, fields: object): string {
  return JSON.stringify({ kind, source: 'made', id, ...fields })
}

/** A successful deployment of the service shop, of yesterday. */
export function madeDeployment(id: string, more: object = {}): object {
  const finishedAt = new Date(Date.now() - 86_400_000).toISOString()
  const usual = { service: 'shop', environment: 'production', finishedAt, outcome: 'success' }
  return { kind: 'deployment', source: 'made', id, ...usual, ...more }
}

/** The midnight before now: up to when histories are made that a report is to show. */
export function lastMidnight(): number {
  return Math.floor(Date.now() / 86_400_000) * 86_400_000
}

/** A week up to half a day ago, of ten deployments a day of which every third fails. */
export function failingWeek(): object[] {
  const dayMs = 86_400_000
  const from = Date.now() - 7.5 * dayMs
  return Array.from({ length: 70 }, (_, index) => ({
    kind: 'deployment',
    source: 'ci',
    id: String(index),
    service: 'shop',
    environment: 'production',
    finishedAt: new Date(from + (index * dayMs) / 10).toISOString(),
    outcome: index % 3 === 0 ? 'failure' : 'success',
  }))
}
