import type { Config } from '../config/config.ts'
import type { Check } from '../core/check.ts'
import { ConfigError } from '../core/errors.ts'
import { checkFolder, createIo, pipelineOf, stopSignal } from './context.ts'
import { existsSync } from 'node:fs'
import { openSqlite } from '../store/sqlite.ts'

/** `dorado check`: every token, permission and server: works, or what is wrong. Returns the exit code. */
export async function checkCommand(config: Config, { format }: { format: string }): Promise<number> {
  if (format !== 'table' && format !== 'json')
    throw new ConfigError(`--format ${format}: write table or json`)
  checkFolder(config)
  const io = createIo(config, stopSignal())
  const isThere = existsSync(config.storePath)
  const store = openSqlite(isThere ? { path: config.storePath, readOnly: true } : { path: ':memory:' })
  try {
    const { extractors, loaders } = pipelineOf(config, store)
    const checks: (Check & { of: string })[] = [
      {
        of: 'configuration',
        name: config.path,
        ok: true,
        detail: `${config.services.length} services, ${extractors.length} sources, ${loaders.length} sinks`,
      },
      {
        of: 'store',
        name: config.storePath,
        ok: true,
        detail: isThere ? 'can be read' : 'will be created by the first refresh',
      },
    ]
    for (const extractor of extractors) {
      const of = `source ${extractor.name}`
      for (const check of await extractor.check(io)) checks.push({ of, ...check })
      const { completeUntil, error } = await store.meta.source(extractor.name)
      if (error !== null) checks.push({ of, name: 'last refresh', ok: false, detail: error })
      else if (completeUntil !== null) {
        checks.push({
          of,
          name: 'last refresh',
          ok: true,
          detail: `complete until ${new Date(completeUntil).toISOString()}`,
        })
      }
    }
    for (const loader of loaders) {
      const of = `sink ${loader.name}`
      for (const check of await loader.check(io)) checks.push({ of, ...check })
      const { points, rejected } = await store.points.backlog(loader.name)
      checks.push({
        of,
        name: 'backlog',
        ok: rejected === 0,
        detail: `${points} points wait, ${rejected} were refused`,
      })
    }
    if (format === 'json') process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`)
    else
      for (const { of, name, ok, detail } of checks)
        process.stdout.write(`${ok ? 'ok   ' : 'WRONG'} ${of}: ${name}: ${detail}\n`)
    return checks.every(({ ok }) => ok) ? 0 : 1
  } finally {
    store.close()
  }
}
