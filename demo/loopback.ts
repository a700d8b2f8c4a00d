import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the simulated servers see it. */
export interface ServedRequest {
  method: string
  /** With the query, as it was sent. */
  url: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: string
}

export interface ServedAnswer {
  status: number
  headers?: Record<string, string>
  /** Text is sent as it is, anything else as JSON; nothing for 204 and 304. */
  body?: unknown
}

/** What a test puts in the place of an answer: one of its own, or a broken connection. */
export type Fault = (request: ServedRequest) => ServedAnswer | 'reset' | undefined

export interface Loopback {
  url: string
  stop(): Promise<void>
}

/** Serves on a free port of 127.0.0.1. The `Date` header tells the given clock. */
export async function serveOnLoopback(
  clock: () => number,
  handle: (request: ServedRequest) => Promise<ServedAnswer> | ServedAnswer,
  fault?: Fault,
): Promise<Loopback> {
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing)
  })

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const request = await read(incoming)
      const wrong = fault?.(request)
      if (wrong === 'reset') {
        incoming.socket.destroy()
        return
      }
      send(outgoing, wrong ?? (await handle(request)), clock())
    } catch (error) {
      if (outgoing.headersSent) outgoing.destroy()
      else send(outgoing, { status: 500, body: { message: String(error) } }, clock())
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(incoming: IncomingMessage): Promise<ServedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const url = incoming.url ?? '/'
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1')
  return {
    method: incoming.method ?? 'GET',
    url,
    path: pathname,
    query: searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  }
}

function send(outgoing: ServerResponse, { status, headers, body }: ServedAnswer, now: number): void {
  outgoing.sendDate = false
  const isText = typeof body === 'string'
  outgoing.writeHead(status, {
    date: new Date(now).toUTCString(),
    ...(body !== undefined && !isText && { 'content-type': 'application/json; charset=utf-8' }),
    ...headers,
  })
  if (body === undefined) outgoing.end()
  else outgoing.end(isText ? body : JSON.stringify(body))
}
