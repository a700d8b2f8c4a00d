import { createHash } from 'node:crypto'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { connector } from '../core/connector.ts'
import { Refused, messageOf } from '../core/errors.ts'
import { factKinds } from '../core/fact.ts'
import { filePath } from '../core/setting-fields.ts'
import type { Check, Extractor, Page } from './extractor.ts'
import { readFacts } from './fact-lines.ts'

export { readFacts } from './fact-lines.ts'
export type { FactLine } from './fact-lines.ts'

/** `sources:` entry of kind `file`. */
const settingsSchema = z.strictObject({
  /** A file of NDJSON facts, or a folder whose *.ndjson files are read in the order of their names. */
  path: filePath(),
})

const positionSchema = z.object({
  inode: z.number(),
  /** Bytes that are stored, and the newlines in them. */
  byte: z.number(),
  line: z.number(),
  /** A hash of the first bytes: a file that was written anew in place differs in them. */
  head: z.string(),
})
const cursorSchema = z.record(z.string(), positionSchema)

type Position = z.output<typeof positionSchema>
type Cursor = z.output<typeof cursorSchema>

const pageSize = 5000
const headSize = 1024

/**
 * Facts written by others into files that only grow. What was appended since the last run is read; a file
 * that was replaced or cut off is read from its beginning. Facts keep the `source` written in their line, and
 * stay stored when their line disappears.
 */
export const file = connector('file', settingsSchema, (name, { path }): Extractor => {
  return {
    name,
    yields: factKinds,
    async *extract(since, io) {
      const cursor = readCursor(since.cursor)
      for (const one of await filesOf(name, path)) {
        for await (const page of readOn(name, one, cursor)) {
          io.signal.throwIfAborted()
          yield page
        }
      }
    },
    check: () => check(name, path),
    usage: () => ({ requests: 0 }),
  }
})

/** Pages of what is new in one file; moves its position in the cursor. */
async function* readOn(name: string, path: string, cursor: Cursor): AsyncGenerator<Page> {
  const inode = (await reading(name, stat(path))).ino
  const known = cursor[path]
  const isSame =
    known !== undefined && known.inode === inode && (await headOf(path, known.byte)) === known.head
  const start = isSame ? known : { byte: 0, line: 0 }
  let { byte, line } = start
  let page: Required<Omit<Page, 'cursor' | 'removals'>> = { facts: [], skipped: [] }

  async function written(): Promise<Page> {
    cursor[path] = { inode, byte, line, head: await headOf(path, byte) } satisfies Position
    const whole = { ...page, cursor: JSON.stringify(cursor) }
    page = { facts: [], skipped: [] }
    return whole
  }

  for await (const one of readFacts(path, start)) {
    if ('fact' in one) page.facts.push(one.fact)
    else if (one.isCut) {
      const reason = 'is not complete yet; the next run reads it'
      page.skipped.push({ row: one.skipped.row, reason, isLine: true, isPassing: true })
      break
    } else page.skipped.push({ ...one.skipped, isLine: true })
    byte = one.end
    line = one.isCut ? one.line - 1 : one.line
    if (page.facts.length >= pageSize) yield await written()
  }
  if (page.facts.length + page.skipped.length > 0 || (known !== undefined && !isSame)) yield await written()
}

/** Shorter than `size` where the file is, so that a file that was cut off has another one. */
async function headOf(path: string, size: number): Promise<string> {
  const handle = await open(path)
  try {
    const wanted = Math.min(size, headSize)
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(wanted), 0, wanted, 0)
    const isShort = (await handle.stat()).size < size
    return isShort
      ? 'cut off'
      : createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('base64url')
  } finally {
    await handle.close()
  }
}

function readCursor(text: string | undefined): Cursor {
  try {
    return cursorSchema.parse(JSON.parse(text ?? '{}'))
  } catch {
    // Of another version: everything is read anew, which costs time only.
    return {}
  }
}

async function filesOf(name: string, path: string): Promise<string[]> {
  const found = await reading(name, stat(path))
  if (!found.isDirectory()) return [path]
  const names = (await reading(name, readdir(path))).filter((one) => one.endsWith('.ndjson')).sort()
  return names.map((one) => join(path, one))
}

async function reading<Value>(name: string, value: Promise<Value>): Promise<Value> {
  try {
    return await value
  } catch (error) {
    throw new Refused(`${name}: ${messageOf(error)}; \`path\` names a file or a folder of *.ndjson files`)
  }
}

async function check(name: string, path: string): Promise<Check[]> {
  try {
    const paths = await filesOf(name, path)
    for (const one of paths) await (await reading(name, open(one))).close()
    const detail = paths.length === 1 ? '1 file can be read' : `${paths.length} files can be read`
    return [
      { name: path, ok: paths.length > 0, detail: paths.length > 0 ? detail : 'holds no *.ndjson file' },
    ]
  } catch (error) {
    return [{ name: path, ok: false, detail: messageOf(error) }]
  }
}
