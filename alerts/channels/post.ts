import { messageOf, RateLimited, Refused, Unavailable } from '../../core/errors.ts'
import type { HttpRequest, HttpResponse } from '../../core/http.ts'
import type { Io } from '../../core/io.ts'
import { createMask } from '../../core/secret.ts'

export interface PostOptions {
  /** What the answer must not repeat: secrets that are in the body. */
  secrets?: readonly string[]
  /** What to do about a refusal with this status and text; undefined where there is nothing to say. */
  remedyOf?: (status: number | undefined, text: string) => string | undefined
}

/** Sends it once: whoever calls tries again. A refusal says what to do about it; no error shows a secret. */
export async function post(request: HttpRequest, io: Io, options: PostOptions = {}): Promise<HttpResponse> {
  const { secrets = [], remedyOf = () => undefined } = options
  const mask = createMask(secrets)
  let answer: HttpResponse
  try {
    answer = await io.http.request({ method: 'POST', tries: 1, ...request })
  } catch (error) {
    io.signal.throwIfAborted()
    const text = mask(messageOf(error))
    if (error instanceof RateLimited) throw new RateLimited(text, error.retryAfterMs, error)
    if (error instanceof Unavailable) throw new Unavailable(text, error)
    if (!(error instanceof Refused)) throw new Unavailable(text)
    throw refusal(text, error.status, remedyOf(error.status, text))
  }
  if (answer.status >= 200 && answer.status < 300) return answer
  // 304 is an answer to whoever asks, and none to whoever tells.
  throw refusal(`answered ${answer.status}`, answer.status, remedyOf(answer.status, ''))
}

/** The error of a later one of several requests: the channel has a part of the message. */
export function afterAPart(error: unknown): unknown {
  const mayHaveArrived = true
  if (error instanceof RateLimited)
    return new RateLimited(error.message, error.retryAfterMs, { mayHaveArrived })
  return error instanceof Unavailable ? new Unavailable(error.message, { mayHaveArrived }) : error
}

/** What was answered, and what to do about it. */
export function refusal(problem: string, status: number | undefined, remedy: string | undefined): Refused {
  return new Refused(remedy === undefined ? problem : `${problem}; ${remedy}`, status)
}
