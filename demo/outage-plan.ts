import type { ServicePlan } from './plan.ts'
import { createRandom, dayMs, hourMs, minuteMs, wholeSecond } from './random.ts'
import { acknowledgeSoon, attributeToNearest, openIncident, resolve } from './outages.ts'
import type { Site } from './site.ts'
import { outage } from './wording.ts'

/** Puts on the agenda what breaks without anybody having deployed, at any hour of any day. */
export function planOutages(site: Site): void {
  for (const service of site.plan.services) {
    const random = createRandom(`${site.seed} outages of ${service.name}`)
    for (let day = site.from; day < site.until; day += dayMs) {
      if (!random.chance(service.outagesPerDay)) continue
      planOutage(
        site,
        service,
        wholeSecond(day + site.random.next() * dayMs),
        Math.ceil(site.random.around(55, 0.8)),
      )
    }
  }
  const [first] = site.plan.services
  // One that everybody has forgotten, and one that is going on at the end.
  if (first?.name === 'legacy-reports') planOutage(site, first, site.endsAt - 20 * dayMs, undefined)
  if (first?.name === 'notifications')
    planOutage(site, first, site.endsAt - 90 * minuteMs, (5 * hourMs) / minuteMs)
}

function planOutage(site: Site, service: ServicePlan, at: number, lastsMinutes: number | undefined): void {
  site.agenda.add(at, () => {
    const { random } = site
    const isUrgent = lastsMinutes !== undefined && random.chance(0.8)
    const incident = openIncident(site, service, {
      at,
      title: outage(random),
      isUrgent,
      isByHand: random.chance(0.2),
    })
    attributeToNearest(site, service, incident, at)
    if (isUrgent) acknowledgeSoon(site, incident)
    if (lastsMinutes !== undefined) resolve(site, incident, incident.createdAt + lastsMinutes * minuteMs)
  })
}
