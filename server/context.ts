import type { FastifyInstance } from 'fastify'
import type { Logger } from '../core/io.ts'
import type { Pipeline } from '../pipeline/refresh.ts'

/** Everything that answers are made of. */
export interface ServerContext {
  pipeline: Pipeline & Required<Pick<Pipeline, 'alerts' | 'schedule'>>
  /** Epoch ms. */
  clock: () => number
  log: Logger
  /** What has to be said as a bearer token; without one, only this machine is answered. */
  token?: string
  /** When the process began. */
  startedAt: number
}

/** Adds what one file answers. */
export type Routes = (app: FastifyInstance, context: ServerContext) => void
