import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface Reply {
  status?: number
  headers?: Record<string, string>
  /** A text as it is, anything else as JSON. */
  body?: unknown
}

export interface Received {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: string
}

export interface Loopback {
  /** `http://127.0.0.1:port` */
  url: string
  received: Received[]
  close(): Promise<void>
}

function bodyOf({ headers }: IncomingMessage, sent: Buffer): string {
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent).toString('utf8')
}

/** A server on a free port that answers with what `reply` returns; 'hang up' breaks the connection. */
export async function listen(
  reply: (request: Received, index: number) => Reply | 'hang up' | Promise<Reply | 'hang up'>,
): Promise<Loopback> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    void answer(request, response)
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const one: Received = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: bodyOf(request, Buffer.concat(chunks)),
    }
    received.push(one)
    const given = await reply(one, received.length - 1)
    if (given === 'hang up') {
      request.socket.destroy()
      return
    }
    const isText = typeof given.body === 'string'
    const type = isText ? 'text/plain' : 'application/json'
    response.writeHead(given.status ?? 200, { 'content-type': type, ...given.headers })
    response.end(isText || given.body === undefined ? given.body : JSON.stringify(given.body))
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, received, close: () => closed(server) }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    server.closeAllConnections()
  })
}
