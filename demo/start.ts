import { createCompany, type Company } from './company.ts'
import { startGithubServer } from './github-server.ts'
import type { Fault } from './loopback.ts'
import { startPagerdutyServer } from './pagerduty-server.ts'
import { digest, hourMs } from './random.ts'

export interface DemoOptions {
  seed?: string | number
  /** Epoch ms: how far the company's history goes at the start. */
  now: number
  /** What the servers take for the present; events after it are not visible. */
  clock: () => number
  services?: number
  days?: number
  faults?: { github?: Fault; pagerduty?: Fault }
  limits?: { githubPerHour?: number; pagerdutyPerMinute?: number }
}

export interface DemoCounts {
  github: { requests: number; restCounted: number; notModified: number; graphqlPoints: number }
  pagerduty: { requests: number; counted: number }
}

export interface Demo {
  company: Company
  githubUrl: string
  pagerdutyUrl: string
  githubToken: string
  pagerdutyToken: string
  /** ISO 8601: since when there is something to measure. */
  since: string
  /** The variables that config/demo.yaml names. */
  environment: Record<string, string>
  stop(): Promise<void>
  counts(): DemoCounts
}

/** A simulated company whose GitHub and PagerDuty listen on loopback. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { seed = 1, now, clock, services = 12, days = 120, faults = {}, limits = {} } = options
  // A whole hour, so that the history reads the same for an hour.
  const endsAt = Math.floor(now / hourMs) * hourMs
  const company = createCompany({ seed, endsAt, days, services })
  const githubToken = `demo-github-${digest(`github ${seed}`).slice(0, 20)}`
  const pagerdutyToken = `demo-pagerduty-${digest(`pagerduty ${seed}`).slice(0, 20)}`
  const github = await startGithubServer(company, {
    token: githubToken,
    clock,
    ...(faults.github && { fault: faults.github }),
    ...(limits.githubPerHour !== undefined && { hourlyLimit: limits.githubPerHour }),
  })
  const pagerduty = await startPagerdutyServer(company, {
    token: pagerdutyToken,
    clock,
    ...(faults.pagerduty && { fault: faults.pagerduty }),
    ...(limits.pagerdutyPerMinute !== undefined && { requestsPerMinute: limits.pagerdutyPerMinute }),
  })
  const since = new Date(company.since).toISOString()
  return {
    company,
    githubUrl: github.url,
    pagerdutyUrl: pagerduty.url,
    githubToken,
    pagerdutyToken,
    since,
    environment: {
      DEMO_GITHUB_URL: github.url,
      DEMO_GITHUB_TOKEN: githubToken,
      DEMO_PAGERDUTY_URL: pagerduty.url,
      DEMO_PAGERDUTY_TOKEN: pagerdutyToken,
      DEMO_SINCE: since,
    },
    stop: async () => {
      await Promise.all([github.stop(), pagerduty.stop()])
    },
    counts: () => ({ github: github.counts(), pagerduty: pagerduty.counts() }),
  }
}
