import Table from 'cli-table3'
import type { Finding } from '../transforms/finding.ts'
import { rankOf, type QualityGroup } from '../transforms/quality-groups.ts'

const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text of others as a terminal may show it: control characters and invisible ones are question marks. */
export function visible(text: string): string {
  return text.replaceAll(control, '?')
}

/** Where the output is no terminal. */
const usualWidth = 160
/** Below this a table has no room for sentences. */
const leastTableWidth = 100
const longestExample = 240
const servicesShown = 5

export function widthOf({ columns }: { columns?: number | undefined }): number {
  return columns === undefined || columns < 40 ? usualWidth : columns
}

/** The groups as a table of a terminal's width; on a narrow one as paragraphs. */
export function qualityTable(groups: readonly QualityGroup[], width: number): string {
  const rows = groups.map(rowOf)
  if (width < leastTableWidth) return rows.map((row) => paragraphOf(row, width)).join('\n\n')
  const borders = 13
  const title = 28
  const services = 18
  const rest = width - borders - title - services
  const example = Math.floor(rest * 0.45)
  const widths = [title, services, example, rest - example]
  const table = new Table({
    head: ['Problem', 'Services', 'Example', 'What to do'],
    style: { head: [], border: [] },
  })
  for (const row of rows) {
    const cells = [[row.title, ...row.kinds].join('\n'), row.services, row.example, row.remedy]
    table.push(cells.map((cell, index) => wrap(cell, widths[index]!)))
  }
  return table.toString()
}

interface Row {
  title: string
  /** Where there are several. */
  kinds: string[]
  services: string
  example: string
  remedy: string
}

function rowOf({ title, count, kinds, services, example, remedy }: QualityGroup): Row {
  const counts = Object.entries(kinds)
  const shown = services.slice(0, servicesShown).map((name) => (name === '*' ? 'all' : visible(name)))
  const more = services.length > shown.length ? [`and ${services.length - shown.length} more`] : []
  return {
    title: `${title}: ${count}`,
    kinds: counts.length === 1 ? [] : counts.map(([kind, of]) => `${kind} × ${of}`),
    services: services.length === 0 ? '–' : [...shown, ...more].join(', '),
    example: cut(findingText(example), longestExample),
    remedy,
  }
}

function paragraphOf({ title, kinds, services, example, remedy }: Row, width: number): string {
  const part = (name: string, text: string) =>
    wrap(text, width - 12)
      .split('\n')
      .map((line, index) => `  ${(index === 0 ? name : '').padEnd(10)}${line}`)
      .join('\n')
  const heading = kinds.length === 0 ? title : `${title} (${kinds.join(', ')})`
  return [
    wrap(heading, width),
    part('services', services),
    part('example', example),
    part('to do', remedy),
  ].join('\n')
}

/** One finding in a line: whose it is, what it is about, and what is known. */
export function findingText({ service, environment, subject, detail }: Finding): string {
  const owner = service === '*' || service === '' ? '' : service
  const where = environment === undefined ? owner : `${owner} (${environment})`
  return visible([where, ...(subject === owner ? [] : [subject])].filter(Boolean).join(' ') + `: ${detail}`)
}

/** A line for each kind, those of the most useful group first: how many, and one example. */
export function kindLines(findings: readonly Finding[], width: number): string[] {
  const kinds = Map.groupBy(findings, ({ kind }) => kind)
  return [...kinds]
    .sort(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
    .map(([kind, found]) => cut(`  ${kind} × ${found.length}: ${findingText(found[0]!)}`, width))
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

/** Lines of at most `width` characters, broken between words where that is possible. */
export function wrap(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, width))
    .join('\n')
}

function wrapLine(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    let rest = word
    for (; rest.length > width; rest = rest.slice(width)) lines.push(rest.slice(0, width))
    line = rest
  }
  return [...lines, line]
}
