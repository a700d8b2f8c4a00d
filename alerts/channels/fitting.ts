import type { AlertMessage } from '../message.ts'
import { tell, type Telling } from './text.ts'

/** Facts an alert, tried from left to right. */
const factsTried = [10, 5, 3, 1, 0]

/** What `build` makes of the fullest telling that fits: facts are left out first, then alerts from the end. */
export function fitting<Built>(
  message: AlertMessage,
  build: (telling: Telling) => Built,
  fits: (built: Built) => boolean,
): Built {
  for (const facts of factsTried) {
    const built = build(tell(message, facts))
    if (fits(built)) return built
  }
  const bare = tell(message, 0)
  for (let count = bare.alerts.length - 1; count > 1; count -= 1) {
    const built = build(firstOf(bare, count))
    if (fits(built)) return built
  }
  return build(firstOf(bare, 1))
}

function firstOf(telling: Telling, count: number): Telling {
  const alerts = telling.alerts.slice(0, count)
  return { ...telling, alerts, moreAlerts: telling.alerts.length - alerts.length }
}
