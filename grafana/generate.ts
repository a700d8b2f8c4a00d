import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dashboards, jsonOf } from './dashboards.ts'

// `npm run -s dashboards`: writes grafana/dashboards anew.
for (const [name, plan] of Object.entries(dashboards)) {
  writeFileSync(join(import.meta.dirname, 'dashboards', `${name}.json`), jsonOf(plan))
}
