import type { Config } from '../config/config.ts'
import { ConfigError } from '../core/errors.ts'
import { deliverRejected } from '../pipeline/deliver.ts'
import { deliverAll } from '../pipeline/deliveries.ts'
import { open } from './context.ts'
import { deliveryLine } from './refresh.ts'

/** `dorado deliver`: gives the sinks what they have not got, or once more what they refused. Returns the exit code. */
export async function deliverCommand(
  config: Config,
  { sink, rejected = false }: { sink?: string; rejected?: boolean },
): Promise<number> {
  const { pipeline, io, close } = open(config, { command: 'deliver', mustExist: true })
  try {
    const { store } = pipeline
    const loaders = pipeline.loaders.filter(({ name }) => sink === undefined || name === sink)
    if (loaders.length === 0) {
      const names = pipeline.loaders.map(({ name }) => name)
      throw new ConfigError(`no sink ${sink}; there are ${names.join(', ')}`)
    }
    let isFailed = false
    if (rejected) {
      for (const loader of loaders) {
        const { points, rejected: still, error } = await deliverRejected(store, loader, io)
        const told = `${points} refused points sent again, ${points - still} taken, ${still} still refused`
        process.stdout.write(
          `sink ${loader.name}: ${error === undefined ? told : `FAILED: ${error} (${told})`}\n`,
        )
        isFailed ||= error !== undefined || still > 0
      }
    }
    for (const delivery of await deliverAll(pipeline, io, { only: sink })) {
      process.stdout.write(`${deliveryLine(delivery)}\n`)
      isFailed ||= delivery.error !== undefined
    }
    return isFailed ? 1 : 0
  } finally {
    close()
  }
}
