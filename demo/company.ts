import { createPeople } from './people.ts'
import { createPlan, type RepositoryPlan, type ServicePlan } from './plan.ts'
import type { IncidentRecord, PagerService, Person, RepositoryRecord } from './model.ts'
import { planOutages } from './outage-plan.ts'
import { dayMs } from './random.ts'
import { attempt } from './releases.ts'
import { numberRuns } from './runs.ts'
import { createSite, type Site } from './site.ts'
import { schedule } from './steps.ts'
import { truthAt, type Truth } from './truth.ts'
import { planWork } from './work.ts'

export interface CompanyOptions {
  seed?: string | number
  /** Epoch ms: how far the history goes; what comes later becomes visible as time passes. */
  endsAt: number
  days?: number
  services?: number
  /** How much is simulated beyond the end, 7 days by default. */
  furtherDays?: number
}

/** A simulated company: what its GitHub and PagerDuty hold, and what is true of its deliveries. */
export interface Company {
  seed: string
  /** When the first service was deployed: measured from then on, nothing is unknown. */
  since: number
  endsAt: number
  plans: RepositoryPlan[]
  services: ServicePlan[]
  people: Person[]
  repositories: Map<string, RepositoryRecord>
  pagerServices: PagerService[]
  /** In the order in which they were opened. */
  incidents: IncidentRecord[]
  /** What is true at an instant, `endsAt` by default. */
  truth(now?: number): Truth
}

/** The same for the same options, whenever and wherever it is called. */
export function createCompany(options: CompanyOptions): Company {
  const { days = 120, services = 12, furtherDays = 7 } = options
  const seed = String(options.seed ?? 1)
  const endsAt = Math.floor(options.endsAt / 1000) * 1000
  const span = { from: endsAt - days * dayMs, endsAt, until: endsAt + furtherDays * dayMs }
  const plans = createPlan(services)
  const people = createPeople(plans.map((plan) => plan.team))
  const sites = plans.map((plan) => simulate(createSite(seed, plan, people.get(plan.team)!, span, attempt)))
  const incidents = sites.flatMap((site) => site.incidents)
  incidents.sort((a, b) => a.createdAt - b.createdAt || a.number - b.number)
  for (const [position, incident] of incidents.entries()) incident.number = position + 1
  const deployments = sites.flatMap((site) => site.deployments)
  deployments.sort((a, b) => a.finishedAt - b.finishedAt || (a.id < b.id ? -1 : 1))
  const truthIncidents = sites.flatMap((site) => site.truthIncidents)
  return {
    seed,
    since: span.from,
    endsAt,
    plans,
    services: plans.flatMap((plan) => plan.services),
    people: [...people.values()].flat(),
    repositories: new Map(sites.map((site) => [site.repository.fullName, site.repository])),
    pagerServices: sites.flatMap((site) => [...site.pagerServices.values()]),
    incidents,
    truth: (now = endsAt) => truthAt(now, deployments, truthIncidents),
  }
}

function simulate(site: Site): Site {
  planWork(site)
  planOutages(site)
  for (const target of site.targets) {
    schedule(site, target)
    for (const { at, trouble } of target.service.certain) {
      const from = site.from + at * (site.endsAt - site.from)
      site.agenda.add(from, () => target.certain.push(trouble))
    }
  }
  site.agenda.runUntil(site.until)
  numberRuns(site)
  return site
}
