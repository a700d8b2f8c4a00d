/** What a request needs; `query` values are encoded, arrays as a repeated key. */
export interface HttpRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  query?: Record<string, string | number | boolean | readonly string[] | undefined>
  headers?: Record<string, string>
  /** Sent as JSON. */
  body?: unknown
  /** How often it is tried, 5 times by default: 1 for whoever tries again by itself. */
  tries?: number
  /** For the whole exchange, 30 s by default. */
  timeoutMs?: number
  /** The URL itself is the secret (incoming webhooks): errors and logs name its host only. */
  isUrlSecret?: boolean
}

export interface HttpResponse {
  status: number
  /** Names in lower case. */
  headers: Record<string, string>
  /** Parsed where the content type says JSON, text otherwise. */
  body: unknown
}

/**
 * Retries what may pass (network, 408, 425, 429, 5xx; Retry-After as seconds or date, full jitter, five
 * tries) and throws by remedy: Refused for other 4xx, RateLimited where the wait is too long, Unavailable
 * when the tries are used up. 304 is an answer, not an error.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>
  /** How many requests were sent so far, retries included. */
  readonly sent: number
}
