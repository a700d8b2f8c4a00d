import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { messageOf } from '../../core/errors.ts'
import { formatFact, parseFact } from '../../core/fact-json.ts'
import { incidentOf, isObject, readRow, whyNot } from '../../extractors/pagerduty/incident.ts'
import { settingsSchema } from '../../extractors/pagerduty/settings.ts'

// Real answers, where they lie beside the project; the project does not need them.
const recorded = new URL('../../../shared/recorded/pagerduty/incidents.ndjson', import.meta.url)

test.skipIf(!existsSync(recorded))(
  'every recorded incident gives a fact or a reason (skipped without ../shared)',
  () => {
    const lines = readFileSync(recorded, 'utf8').split('\n').filter(Boolean)
    expect(lines.length).toBeGreaterThan(0)
    const settings = settingsSchema.parse({ token: 't' })
    let facts = 0
    for (const line of lines) {
      const { body } = JSON.parse(line) as { body: unknown }
      const logEntries = isObject(body) && Array.isArray(body['log_entries']) ? body['log_entries'] : []
      try {
        const row = readRow(body)
        if (whyNot(row, settings) !== undefined) continue
        const fact = incidentOf('pagerduty', row, { alerts: [], logEntries })
        expect(parseFact(JSON.parse(formatFact(fact)))).toStrictEqual(fact)
        facts += 1
        expect(fact.resolvedAt !== undefined).toBe(row.status === 'resolved')
      } catch (error) {
        expect(error).toMatchObject({ name: 'Rejected' })
        expect(messageOf(error)).toMatch(/\w+: /)
      }
    }
    expect(facts).toBeGreaterThan(0)
  },
)
