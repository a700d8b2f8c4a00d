import type { Asked, Choices } from './filling.ts'
import type { Row } from './served.ts'
import { ciFields, flowFields, stateFields, windowFields, type Fields, type Report } from './told.ts'

const measurements = ['dora_window', 'dora_flow', 'dora_ci', 'dora_flaky', 'dora_state']

/** Whether the report tells the same: of what a panel shows, but not of events and of the pipeline itself. */
export function comparable({ panel, query }: Asked): boolean {
  return panel !== undefined && measurements.includes(measurementOf(query))
}

function measurementOf(query: string): string {
  return /FROM "(\w+)"/.exec(query)![1]!
}

/** What a row has to say, from the report as of the row's instant: a value for each field that is shown. */
export function expectedOf({ query }: Asked, row: Row, choices: Choices, report: Report): Fields {
  const shown = [...query.slice(0, query.indexOf(' FROM ')).matchAll(/"(\w+)"/g)].map(([, name]) => name!)
  const told = toldOf(query, row, choices, report)
  return Object.fromEntries(shown.filter((name) => !tags.includes(name)).map((name) => [name, told[name]]))
}

const tags = ['service', 'team', 'environment', 'window', 'workflow', 'repository']

function toldOf(query: string, row: Row, choices: Choices, report: Report): Fields {
  const window = (row['window'] ?? choices['window']) as string
  const measurement = measurementOf(query)
  if (measurement === 'dora_ci') {
    const entry = report.ci.find((each) => isOf(each, query, row))
    return ciFields(entry!.windows[window]!)
  }
  if (measurement === 'dora_flaky') return flakyFields(row, report)
  const standing = standingOf(query, row, report)
  if (measurement === 'dora_state') return stateFields(standing)
  return measurement === 'dora_flow'
    ? flowFields(standing.windows['30d']!)
    : windowFields(standing.windows[window]!)
}

/** The service, team or organisation that a row is of. */
function standingOf(query: string, row: Row, { services, teams, organization }: Report) {
  if (query.includes(`"team" = '*'`)) return organization
  if (query.includes(`"service" = '*'`)) return teams.find(({ team }) => team === row['team'])!
  const found = services.find(
    ({ service, environment }) => service === row['service'] && environment === row['environment'],
  )
  return found!
}

function isOf(entry: Report['ci'][number], query: string, row: Row): boolean {
  const isTeam = query.includes(`"service" = '*'`)
  const workflow = row['workflow'] ?? '*'
  return (
    entry.service === (isTeam ? '*' : row['service']) &&
    entry.team === row['team'] &&
    entry.workflow === workflow
  )
}

/** Twenty-five reports with two tests each, of which one fails every fifth time: see served.ts. */
function flakyFields(row: Row, { flakyTests }: Report): Fields {
  const [worst] = flakyTests.filter(({ repository }) => repository === row['repository'])
  const { suite, test, runs, failures } = worst!
  return {
    n: 25,
    tests: 2,
    flaky: flakyTests.length,
    worst: `${suite} › ${test}`,
    worst_runs: runs,
    worst_failures: failures,
  }
}
