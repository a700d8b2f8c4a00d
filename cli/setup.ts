import type { Config } from '../config/config.ts'
import { ConfigError, messageOf } from '../core/errors.ts'
import type { Loader } from '../loaders/loader.ts'
import { createIo, makeSink, stopSignal } from './context.ts'

/** `dorado setup KIND`: makes what the sinks of a kind need, where it is not there. Returns the exit code. */
export async function setupCommand(config: Config, kind: string): Promise<number> {
  const sinks = config.sinks.filter((sink) => sink.kind === kind)
  const loaders = sinks.map(makeSink).filter(canSetUp)
  if (loaders.length === 0) {
    const kinds = new Set(config.sinks.filter((sink) => canSetUp(makeSink(sink))).map((sink) => sink.kind))
    throw new ConfigError(
      `${config.path}: no sink of kind ${kind} that can be set up; there is ${[...kinds].join(', ') || 'none'}`,
    )
  }
  const io = createIo(config, stopSignal())
  let isFailed = false
  for (const loader of loaders) {
    try {
      for (const line of await loader.setUp(io)) process.stdout.write(`sink ${loader.name}: ${line}\n`)
    } catch (error) {
      isFailed = true
      process.stderr.write(`sink ${loader.name}: FAILED: ${messageOf(error)}\n`)
    }
  }
  return isFailed ? 1 : 0
}

function canSetUp(loader: Loader): loader is Loader & Required<Pick<Loader, 'setUp'>> {
  return loader.setUp !== undefined
}
