import { constants } from 'node:fs'
import { access, open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Check } from '../core/check.ts'
import { connector } from '../core/connector.ts'
import { messageOf, Refused, Rejected, Unavailable } from '../core/errors.ts'
import { filePath } from '../core/setting-fields.ts'
import { lineOf } from './line.ts'
import type { Loader, RejectedPoint, StoredPoint, WriteResult } from './loader.ts'
import { placedAnew } from './places.ts'

const schema = z.strictObject({ path: filePath() })

const linesPerWrite = 5000
const newline = 0x0a

/**
 * A file of line protocol that only grows, for `influx write`, Telegraf, or a look. The last line of a point
 * is the valid one: a change and a removal (n = 0, or deleted = true) are lines of their own, and a line that
 * was written twice overwrites itself.
 */
export const lineProtocolFile = connector('file', schema, (name, { path }): Loader => {
  return {
    name,
    batchPoints: linesPerWrite,
    write: (points) => withRemedy(path, () => append(path, placedAnew(points))),
    check: async () => [await check(path)],
  }
})

async function append(path: string, points: readonly StoredPoint[]): Promise<WriteResult> {
  const rejected: RejectedPoint[] = []
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o644)
  try {
    await repair(file)
    for (let from = 0; from < points.length; from += linesPerWrite) {
      await file.appendFile(linesOf(points.slice(from, from + linesPerWrite), rejected))
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { rejected }
}

function linesOf(points: readonly StoredPoint[], rejected: RejectedPoint[]): string {
  let lines = ''
  for (const point of points) {
    try {
      lines += `${lineOf(point)}\n`
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      rejected.push({ point, reason: error.message })
    }
  }
  return lines
}

/** Cuts off a line that a crash left unfinished: its points were not acknowledged and come again. */
async function repair(file: FileHandle): Promise<void> {
  const { size } = await file.stat()
  const chunk = Buffer.alloc(65_536)
  for (let end = size; end > 0; end = Math.max(0, end - chunk.length)) {
    const start = Math.max(0, end - chunk.length)
    const { bytesRead } = await file.read(chunk, 0, end - start, start)
    const last = chunk.subarray(0, bytesRead).lastIndexOf(newline)
    if (last === -1) continue
    const complete = start + last + 1
    if (complete < size) await file.truncate(complete)
    return
  }
  if (size > 0) await file.truncate(0)
}

async function withRemedy<Result>(path: string, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use()
  } catch (error) {
    throw remedyFor(error, path)
  }
}

function remedyFor(error: unknown, path: string): Error {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  const cannot = `cannot write to ${path}`
  if (code === 'ENOENT')
    return new Refused(`${cannot}: create the directory ${dirname(path)}, or correct path`)
  if (code === 'EISDIR') return new Refused(isDirectory(path))
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new Refused(`${cannot}: this user may not; change its permissions or path`)
  }
  return new Unavailable(`${cannot}: ${messageOf(error)}`)
}

function isDirectory(path: string): string {
  return `cannot write to ${path}: it is a directory; path must name a file`
}

/** Opens nothing, so that no empty file is left behind. */
async function check(path: string): Promise<Check> {
  const name = `file ${path}`
  try {
    const found = await stat(path).catch(missing)
    if (found?.isDirectory()) return { name, ok: false, detail: isDirectory(path) }
    await access(found === undefined ? dirname(path) : path, constants.W_OK)
    return { name, ok: true, detail: 'can be written to' }
  } catch (error) {
    return { name, ok: false, detail: remedyFor(error, path).message }
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
