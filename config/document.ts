import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml'
import type { Path } from './keys.ts'

/** Something wrong with the configuration: where, and what would be right. */
export interface Problem {
  path: Path
  message: string
  /** The offset in the text, where the path does not say it. */
  offset?: number
  /** What else it clashes with. */
  other?: Path
}

/** A configuration file's text as plain data, and where in the text each part of it stands. */
export interface ConfigDocument {
  data: unknown
  /** What is wrong with the text as YAML. */
  problems: Problem[]
  /** The offset of the key at a path or, where it is not written, of the nearest one above it. */
  offsetOf(path: Path): number
  /** Line and column, from 1. */
  positionOf(offset: number): { line: number; column: number }
}

/** Reads YAML 1.2, and with it JSON; `<<` merges. An empty text is an empty mapping. */
export function readDocument(text: string): ConfigDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false })
  const problems = syntaxProblems(document, text)
  return {
    data: problems.length > 0 ? {} : dataOf(document, problems),
    problems,
    offsetOf: (path) => offsetOf(document, path),
    positionOf: (offset) => {
      const { line, col } = lines.linePos(offset)
      return { line: Math.max(line, 1), column: Math.max(col, 1) }
    },
  }
}

function dataOf(document: Document, problems: Problem[]): unknown {
  try {
    return document.toJS() ?? {}
  } catch (error) {
    // An alias without its anchor, or aliases that multiply without end.
    problems.push({ path: [], message: String(error instanceof Error ? error.message : error), offset: 0 })
    return {}
  }
}

function syntaxProblems(document: Document.Parsed, text: string): Problem[] {
  const found = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    path: [],
    message: explained(code, message, lineAt(text, pos[0])),
    offset: pos[0],
    isSyntax: code !== 'DUPLICATE_KEY',
  }))
  // What follows the first wrong character is mostly its consequence.
  const first = found.find((problem) => problem.isSyntax)
  return found.filter((problem) => !problem.isSyntax || problem === first)
}

function lineAt(text: string, offset: number): string {
  const end = text.indexOf('\n', offset)
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, end < 0 ? undefined : end)
}

function explained(code: string, message: string, line: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key is written twice in one place; keep one of the two'
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; write all in one, without ---'
  const unquoted = /[{,[].*[^"'](\$\{[^}]*\})/.exec(line)?.[1]
  const hint = unquoted === undefined ? '' : `; between { } or [ ] write "${unquoted}" in quotes`
  // Without the piece of text that the parser quotes: it may be a secret's.
  const reason = message.replaceAll(/\s*\n\s*/g, ' ').replace(/ in YAML stream: .*$/s, '')
  return `this is no YAML: ${reason}${hint}`
}

function offsetOf(document: Document, path: Path): number {
  let node = document.contents as Node | null | undefined
  let offset = node?.range?.[0] ?? 0
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === String(segment))
      if (!pair) return offset
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value as Node | null
    } else if (isSeq(node)) {
      const item = node.items[Number(segment)] as Node | undefined
      if (!item) return offset
      offset = item.range?.[0] ?? offset
      node = item
    } else return offset
  }
  return offset
}

/** `services[2].team`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`
    return text === '' ? segment : `${text}.${segment}`
  }, '')
}
