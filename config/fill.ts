import { isAbsolute, join } from 'node:path'
import { messageOf } from '../core/errors.ts'
import { isSecretKey } from '../core/secret.ts'
import type { Problem } from './document.ts'
import type { Path, SchemaTree } from './keys.ts'

export interface FillOptions {
  env: Readonly<Record<string, string | undefined>>
  readFile: (path: string) => string
  /** The folder of the configuration file. */
  folder: string
  tree: SchemaTree
}

export interface Filled {
  data: unknown
  problems: Problem[]
  secrets: string[]
}

/**
 * The data with everything from outside put in: `${NAME}` and `${NAME:-default}` in every text (`$${` stands
 * for `${`), `file:/path` where a secret is expected. Relative paths start at the folder of the
 * configuration. Keys without a value are left out.
 */
export function fill(raw: unknown, { env, readFile, folder, tree }: FillOptions): Filled {
  const problems: Problem[] = []
  const secrets = new Set<string>()

  function walk(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return textAt(value, path)
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]))
    if (typeof value !== 'object' || value === null) return value
    const given = Object.entries(value).filter(([, item]) => item !== null)
    return Object.fromEntries(given.map(([key, item]) => [key, walk(item, [...path, key])]))
  }

  function textAt(text: string, path: Path): unknown {
    const nodes = tree(path)
    let value = substituted(text, path)
    for (const password of passwordsIn(value)) secrets.add(password)
    if (isSecretAt(path, tree)) {
      if (value.startsWith('file:')) value = contentOf(value.slice('file:'.length), path)
      if (value !== '') secrets.add(value)
    }
    if (nodes.some((node) => node.filePath)) return absolute(value)
    return value === text
      ? value
      : converted(
          value,
          nodes.flatMap((node) => node.type ?? []),
        )
  }

  function substituted(text: string, path: Path): string {
    return text.replaceAll(/(\$?)\$\{([^}]*)\}?/g, (whole, escaped: string, inner: string) => {
      if (escaped) return whole.slice(1)
      const [, name, fallback] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inner) ?? []
      if (name === undefined || !whole.endsWith('}')) {
        const right = 'write ${NAME} or ${NAME:-default}, or $${ for the characters themselves'
        problems.push({ path, message: `"${whole}" names no environment variable; ${right}` })
        return whole
      }
      const value = env[name]
      if (value === undefined && fallback === undefined) {
        const right = `set it, or write \${${name}:-default}`
        problems.push({ path, message: `the environment variable ${name} is not set; ${right}` })
        return whole
      }
      // As in a shell, an empty variable has its default, too.
      const result = value === undefined || (value === '' && fallback !== undefined) ? fallback! : value
      if (isSecretKey(name) && result !== '') secrets.add(result)
      return result
    })
  }

  function contentOf(path: string, at: Path): string {
    try {
      const content = readFile(absolute(path)).replace(/(?:\r?\n)+$/, '')
      if (content === '') problems.push({ path: at, message: `the file ${absolute(path)} is empty` })
      return content
    } catch (error) {
      problems.push({ path: at, message: `the file ${absolute(path)} cannot be read: ${messageOf(error)}` })
      return ''
    }
  }

  function absolute(path: string): string {
    return isAbsolute(path) || path === ':memory:' ? path : join(folder, path)
  }

  return { data: walk(raw, []), problems, secrets: [...secrets] }
}

/** Whether the value at a path is not to be shown. */
export function isSecretAt(path: Path, tree: SchemaTree): boolean {
  const isNamedSo = path.some((segment) => typeof segment === 'string' && isSecretKey(segment))
  return isNamedSo || tree(path).some((node) => node.secret)
}

/** An environment variable is a text; where only a number or a truth value is expected, it is read as one. */
function converted(value: string, types: readonly string[]): unknown {
  if (types.length === 0 || types.includes('string')) return value
  const isNumber = types.includes('number') || types.includes('integer')
  if (isNumber && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  if (types.includes('boolean') && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

/** What stands between the colon and the @ of an address: as it is written, and as it is sent. */
function passwordsIn(text: string): string[] {
  const password = /^[a-z][a-z+.-]*:\/\/[^/?#\s]*?:([^/?#\s]+)@/i.exec(text)?.[1]
  if (password === undefined) return []
  try {
    return [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}
