import Table from 'cli-table3'
import type { MergedLists } from '../transforms/merged-lists.ts'
import type { Report } from '../transforms/report.ts'
import { duration, percent } from './table.ts'

type ReportedWindow = NonNullable<Report['organization']['windows'][string]>

const style = { head: [], border: [], compact: true }
/** Lists are for reading; a program takes the JSON. */
const mostRows = 20

/** What goes on before deployments, as tables: phases and batches, what was merged, and the lists. */
export function flowTables(report: Report, lists: MergedLists, window: string): string {
  const rows = rowsOf(report)
  const shipped = new Table({
    head: ['Service', 'Coding', 'Pickup', 'Review', 'Deploy', 'Review XS/S/M/L', 'Changes', 'Batch age'],
    style,
  })
  const merged = new Table({
    head: [
      'Service',
      'Merged',
      'Large',
      'Weekend',
      'Hotfixes',
      'Labelled fail rate',
      'Last deployment',
      'Open failures',
    ],
    style,
  })
  for (const { name, windows, sinceLastDeployment, openFailures } of rows) {
    const value = windows[window] ?? null
    shipped.push([name, ...cells(value, shippedCells, 7)])
    merged.push([
      name,
      ...cells(value, mergedCells, 5),
      sinceLastDeployment === null ? '–' : `${duration(sinceLastDeployment)} ago`,
      openFailures ?? '–',
    ])
  }
  return [
    `Flow of what was shipped, ${window} (p50 and n)`,
    shipped.toString(),
    `Flow of what was merged, ${window}`,
    merged.toString(),
    ...listTables(lists, window),
  ].join('\n')
}

function rowsOf(report: Report) {
  const environments = Map.groupBy(report.services, ({ service }) => service)
  return [
    ...report.services.map(({ service, environment, ...row }) => ({
      ...row,
      name: environments.get(service)!.length === 1 ? service : `${service} (${environment})`,
    })),
    ...report.teams.map(({ team, ...row }) => ({ ...row, name: `team ${team}` })),
    { ...report.organization, name: 'organisation' },
  ]
}

function cells(
  value: ReportedWindow | null,
  tell: (value: ReportedWindow) => string[],
  count: number,
): string[] {
  if (value === null) return Array<string>(count).fill('not covered')
  return value.held?.includes('leadTime') ? Array<string>(count).fill('held') : tell(value)
}

function shippedCells({ flow, reviewTime, deploymentSize, batchAge }: ReportedWindow): string[] {
  const spread = ({ n, p50 }: { n: number; p50: number | null }) =>
    n === 0 ? '–' : `${duration(p50)} (${n})`
  const { XS, S, M, L } = reviewTime
  return [
    spread(flow.coding),
    spread(flow.pickup),
    spread(flow.review),
    spread(flow.deploy),
    [XS, S, M, L].map(({ p50 }) => duration(p50)).join(' / '),
    deploymentSize.p50 === null ? '–' : `${Number(deploymentSize.p50.toFixed(1))} (${deploymentSize.n})`,
    spread(batchAge),
  ]
}

function mergedCells({ merged, labelledFailRate }: ReportedWindow): string[] {
  const weekly = (perWeek: number | null) => `${(perWeek ?? 0).toFixed(1)}/wk`
  const { changes, perWeek, large, largePerWeek, weekend, hotfixes, labelled } = merged
  return [
    `${changes} (${weekly(perWeek)})`,
    `${large} (${weekly(largePerWeek)})`,
    `${weekend}`,
    `${hotfixes}`,
    labelledFailRate.value === null
      ? '–'
      : `${percent(labelledFailRate.value)} (${labelled}/${labelledFailRate.n})`,
  ]
}

function listTables({ weekendMerges, hotfixes }: MergedLists, window: string): string[] {
  const weekend = new Table({ head: ['Merged at', 'Day', 'Service', 'Change', 'Author'], style })
  for (const { mergedAt, day, service, id, author } of weekendMerges.slice(-mostRows))
    weekend.push([mergedAt, day, service, id, author])
  const fixes = new Table({ head: ['Merged at', 'Service', 'Hotfix', 'Title', 'Merged before it'], style })
  for (const { mergedAt, service, id, title, before } of hotfixes.slice(-mostRows))
    fixes.push([mergedAt, service, id, title, before.map((each) => each.id).join(', ')])
  return [
    ...listOf(`Merged on a weekend, ${window}`, weekend, weekendMerges.length),
    ...listOf(`Hotfixes, ${window}`, fixes, hotfixes.length),
  ]
}

function listOf(title: string, table: InstanceType<typeof Table>, count: number): string[] {
  if (count === 0) return [`${title}: none`]
  const more = count > mostRows ? [`… and ${count - mostRows} before them: --format json`] : []
  return [title, table.toString(), ...more]
}
