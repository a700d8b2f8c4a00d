import { ConfigError } from '../core/errors.ts'
import { maskSecrets } from '../core/secret.ts'
import { pathText, type ConfigDocument, type Problem } from './document.ts'
import type { Path } from './keys.ts'

/** A file of the configuration as it was read, by the name that errors show. */
export interface ReadFile {
  path: string
  document: ConfigDocument
}

/** Something wrong, in a file. */
export interface PlacedProblem extends Problem {
  file: ReadFile
  /** Where the other one stands that it clashes with. */
  otherAt?: { file: ReadFile; path: Path }
}

/** One error with a line for each problem, file by file in the order in which they were read, from the top down. */
export function errorOf(problems: readonly PlacedProblem[], secrets: readonly string[]): ConfigError {
  const files = [...new Set(problems.map(({ file }) => file))]
  const placed = problems.map((problem) => ({
    ...problem,
    offset: problem.offset ?? problem.file.document.offsetOf(problem.path),
  }))
  const lines = placed
    .toSorted((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.offset - b.offset)
    .map(({ file, offset, path, message, otherAt }) => {
      const key = path.length === 0 ? '' : `${pathText(path)}: `
      const other = otherAt && ` (${placeOf(otherAt.file, otherAt.file.document.offsetOf(otherAt.path))})`
      return maskSecrets(`${placeOf(file, offset)}: ${key}${message}${other ?? ''}`, secrets)
    })
  return new ConfigError([...new Set(lines)].join('\n'))
}

function placeOf({ path, document }: ReadFile, offset: number): string {
  const { line, column } = document.positionOf(offset)
  return `${path}:${line}:${column}`
}
