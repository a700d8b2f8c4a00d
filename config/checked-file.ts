import { dirname } from 'node:path'
import type { z } from 'zod'
import { ConfigError, messageOf } from '../core/errors.ts'
import { readDocument, type Problem } from './document.ts'
import { fill } from './fill.ts'
import { problemsOf } from './issues.ts'
import { treeOf } from './keys.ts'
import { errorOf } from './problems.ts'

export interface CheckedFile<Value> {
  value: Value
  /** An error with the places of what is wrong beside the schema. */
  errorOf(problems: readonly Problem[]): ConfigError
}

/** A YAML file of its own, checked by a schema. Throws ConfigError as a configuration does: file, line, column, key. */
export function readChecked<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  {
    env,
    readFile,
  }: { env: Readonly<Record<string, string | undefined>>; readFile: (path: string) => string },
): CheckedFile<z.output<Schema>> {
  let text: string
  try {
    text = readFile(path)
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  const file = { path, document: readDocument(text) }
  const secrets: string[] = []
  const refuse = (problems: readonly Problem[]) =>
    errorOf(
      problems.map((problem) => ({
        ...problem,
        file,
        ...(problem.other && { otherAt: { file, path: problem.other } }),
      })),
      secrets,
    )
  if (file.document.problems.length > 0) throw refuse(file.document.problems)
  const tree = treeOf(schema)
  const filled = fill(file.document.data, { env, readFile, folder: dirname(path), tree })
  secrets.push(...filled.secrets)
  if (filled.problems.length > 0) throw refuse(filled.problems)
  const { success, data, error } = schema.safeParse(filled.data)
  if (!success) throw refuse(problemsOf(error.issues, [], filled.data, tree))
  return { value: data, errorOf: refuse }
}
