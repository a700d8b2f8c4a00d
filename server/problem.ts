import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { messageOf } from '../core/errors.ts'
import type { Logger } from '../core/io.ts'

/** What the caller can mend: it is told the status and one line. */
export class Problem extends Error {
  override name = 'Problem'
  readonly statusCode: number
  constructor(statusCode: 400 | 401 | 403 | 404 | 409, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

/** Every error is answered as `{"error": "one line"}`; what nobody outside can mend is logged and not shown. */
export function answerProblems(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const { statusCode: status = 500 } = error
    if (status < 500) return reply.code(status).send({ error: messageOf(error) })
    log.error(`${request.method} ${request.routeOptions.url ?? 'unknown'}: ${messageOf(error)}`)
    return reply.code(500).send({ error: 'this failed; the log says why' })
  })
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `there is no ${request.method} ${request.url.split('?')[0]}` }),
  )
}

/** What a body says, checked. Throws Problem with the first thing that is wrong. */
export function checked<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(body ?? undefined)
  if (success) return data
  const [issue] = error.issues
  if (issue?.code === 'unrecognized_keys') {
    const place = [...issue.path, issue.keys[0]!].join('.')
    throw new Problem(400, `${place}: there is no such key`)
  }
  const place = issue!.path.length === 0 ? 'the body' : issue!.path.join('.')
  throw new Problem(400, `${place}: ${issue!.message}`)
}
