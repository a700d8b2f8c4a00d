import { fastify, type FastifyInstance, type FastifyReply } from 'fastify'
import { ConfigError, messageOf } from '../core/errors.ts'
import { addressText } from '../core/loopback.ts'
import { guard } from './auth.ts'
import type { ServerContext } from './context.ts'
import { answerProblems } from './problem.ts'
import { routes } from './routes.ts'

const bodyLimitBytes = 64 * 1024
/** So long a caller may take to say what it wants, and one that was not answered yet may hold up the end. */
const requestTimeoutMs = 10_000
const closingTimeoutMs = 3000

/** The server, not yet listening. */
export function createServer(context: ServerContext): FastifyInstance {
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    // Of addresses that cannot even be read.
    frameworkErrors: (error, _, reply) =>
      void (reply as FastifyReply).code(400).send({ error: messageOf(error) }),
  })
  answerProblems(app, context.log)
  guard(app, context)
  for (const add of routes) add(app, context)
  return app
}

export interface RunningServer {
  url: string
  /** Answers what was asked, and no more; a caller that is too slow is cut off. */
  close(): Promise<void>
}

/** Listens until it is closed. Throws ConfigError where it cannot. */
export async function startServer(
  listen: { host: string; port: number },
  context: ServerContext,
): Promise<RunningServer> {
  const app = createServer(context)
  try {
    const url = await app.listen(listen)
    return { url, close: () => closed(app) }
  } catch (error) {
    await app.close()
    const isUsed = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
    const reason = isUsed ? 'the port is in use; stop what uses it, or name another' : messageOf(error)
    throw new ConfigError(`server.listen ${addressText(listen)}: ${reason}`, { cause: error })
  }
}

async function closed(app: FastifyInstance): Promise<void> {
  const cutOff = setTimeout(() => app.server.closeAllConnections(), closingTimeoutMs)
  try {
    await app.close()
  } finally {
    clearTimeout(cutOff)
  }
}
