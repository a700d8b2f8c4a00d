import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { isLoopback } from '../core/loopback.ts'
import type { ServerContext } from './context.ts'
import { Problem } from './problem.ts'

/** Paths that ask for no token: what they tell is no secret. */
const open: ReadonlySet<string | undefined> = new Set(['/health'])

/**
 * Asks for the token, in a time that says nothing of how much of it was right. Without one, only a caller is answered
 * who names this machine: a page of a browser that was led here by its own name is not.
 */
export function guard(app: FastifyInstance, { token }: Pick<ServerContext, 'token'>): void {
  app.addHook('onRequest', async (request, reply) => {
    if (open.has(request.routeOptions.url)) return
    const { authorization, host } = request.headers
    if (token === undefined) {
      if (isLoopback(hostOf(host))) return
      throw new Problem(
        403,
        `${host ?? 'no host'} is not this machine: without a token only 127.0.0.1 is answered`,
      )
    }
    const [, said] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? []
    if (said !== undefined && isSame(said, token)) return
    void reply.header('www-authenticate', 'Bearer')
    throw new Problem(
      401,
      said === undefined ? 'a token is missing: send Authorization: Bearer …' : 'this is not the token',
    )
  })
}

function isSame(said: string, token: string): boolean {
  // Of one length, whatever was said.
  return timingSafeEqual(digestOf(said), digestOf(token))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function hostOf(host: string | undefined): string {
  const url = `http://${host ?? ''}`
  return URL.canParse(url) ? new URL(url).hostname.replaceAll(/[[\]]/g, '') : ''
}
