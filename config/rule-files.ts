import { dirname, isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../core/errors.ts'
import { readDocument, type Problem } from './document.ts'
import { fill } from './fill.ts'
import { problemsOf } from './issues.ts'
import { valueAt, type Path, type SchemaTree } from './keys.ts'
import type { PlacedProblem, ReadFile } from './problems.ts'

/** What a file of rules has beside the rules themselves, which the schema of alerts checks. */
const shape = z.strictObject({ rules: z.array(z.unknown()) })

export interface RuleFilesOptions {
  env: Readonly<Record<string, string | undefined>>
  readFile: (path: string) => string
  /** The files below a folder that match a pattern, as paths from there. */
  glob: (pattern: string, folder: string) => readonly string[]
  tree: SchemaTree
}

export interface RuleFiles {
  /** The configuration's data, with the rules of all files behind its own: they are checked as one list. */
  data: unknown
  /** What is wrong with the files; what concerns a rule, by its place in that list. */
  problems: (Problem | PlacedProblem)[]
  secrets: string[]
  /** A problem of the list where it was written. */
  placed(problem: Problem | PlacedProblem): PlacedProblem
}

/** Reads the files that `alerts.files` of a configuration names. */
export function readRuleFiles(main: ReadFile, data: unknown, options: RuleFilesOptions): RuleFiles {
  const own = valueAt(data, ['alerts', 'rules']) ?? []
  const rules: unknown[] = []
  const origins: { file: ReadFile; index: number }[] = []
  const problems: RuleFiles['problems'] = []
  const secrets: string[] = []
  const ownCount = Array.isArray(own) ? own.length : 0

  for (const { path, at } of matching(main.path, data, options, problems)) {
    const file = readOne(path, at, options, problems)
    if (file === undefined) continue
    const tree: SchemaTree = (below) =>
      below.length === 0 ? [{ properties: { rules: {} } }] : options.tree(['alerts', ...below])
    const filled = fill(file.document.data, { ...options, folder: dirname(path), tree })
    secrets.push(...filled.secrets)
    const first = ownCount + rules.length
    for (const problem of filled.problems) problems.push(inList(problem, first, file))
    const { success, data: checked, error } = shape.safeParse(filled.data)
    if (!success) {
      for (const problem of problemsOf(error.issues, [], filled.data, tree))
        problems.push({ ...problem, file })
      continue
    }
    rules.push(...checked.rules)
    origins.push(...checked.rules.map((_, index) => ({ file, index })))
  }

  const originOf = (path: Path) => {
    const [alerts, list, index, ...rest] = path
    const isRule = alerts === 'alerts' && list === 'rules' && typeof index === 'number'
    const origin = isRule ? origins[index - ownCount] : undefined
    return origin ? { file: origin.file, path: ['rules', origin.index, ...rest] } : { file: main, path }
  }
  return {
    data:
      rules.length === 0 || !Array.isArray(own) ? data : withRules(data, [...(own as unknown[]), ...rules]),
    problems,
    secrets,
    placed(problem) {
      if ('file' in problem) return problem
      const otherAt = problem.other && originOf(problem.other)
      return { ...problem, ...originOf(problem.path), ...(otherAt && { otherAt }) }
    },
  }
}

function withRules(data: unknown, rules: readonly unknown[]): unknown {
  const root = data as Record<string, unknown>
  return { ...root, alerts: { ...(root['alerts'] as object), rules } }
}

/** A problem of a file as one of the list, where it is about a rule. */
function inList(problem: Problem, first: number, file: ReadFile): Problem | PlacedProblem {
  const [key, index, ...rest] = problem.path
  if (key !== 'rules' || typeof index !== 'number') return { ...problem, file }
  return { ...problem, path: ['alerts', 'rules', first + index, ...rest] }
}

/** The files that are named, each once, and where it was. */
function matching(
  configPath: string,
  data: unknown,
  { glob }: RuleFilesOptions,
  problems: RuleFiles['problems'],
): { path: string; at: Path }[] {
  const folder = dirname(configPath)
  const patterns = valueAt(data, ['alerts', 'files'])
  const found = new Map<string, Path>()
  for (const [index, pattern] of (Array.isArray(patterns) ? patterns : []).entries()) {
    if (typeof pattern !== 'string' || pattern === '') continue
    const at = ['alerts', 'files', index]
    const names = glob(pattern, folder)
    if (names.length === 0)
      problems.push({
        path: at,
        message: `${pattern} matches no file; paths start at the folder of ${configPath}`,
      })
    for (const name of names.toSorted()) {
      const path = isAbsolute(name) ? name : join(folder, name)
      if (!found.has(path)) found.set(path, at)
    }
  }
  return [...found].map(([path, at]) => ({ path, at }))
}

function readOne(
  path: string,
  at: Path,
  { readFile }: RuleFilesOptions,
  problems: RuleFiles['problems'],
): ReadFile | undefined {
  let text: string
  try {
    text = readFile(path)
  } catch (error) {
    problems.push({ path: at, message: `${path} cannot be read: ${messageOf(error)}` })
    return undefined
  }
  const file = { path, document: readDocument(text) }
  if (file.document.problems.length === 0) return file
  for (const problem of file.document.problems) problems.push({ ...problem, file })
  return undefined
}
