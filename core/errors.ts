/** Errors are typed by what can be done about them; the message is one line that a user can act on. */

/** The configuration or the command line is wrong: nothing was done. Exit code 2. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/** A source, sink or channel refused for good: bad token, no permission, not found. Retrying does not help. */
export class Refused extends Error {
  override name = 'Refused'
  readonly status: number | undefined
  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}

/**
 * The other side asks to wait longer than this run may; `retryAfterMs` is counted from now. `mayHaveArrived`: of what it
 * was sent, it may have taken something all the same.
 */
export class RateLimited extends Error {
  override name = 'RateLimited'
  readonly retryAfterMs: number
  readonly mayHaveArrived: boolean
  constructor(message: string, retryAfterMs: number, { mayHaveArrived = false } = {}) {
    super(message)
    this.retryAfterMs = retryAfterMs
    this.mayHaveArrived = mayHaveArrived
  }
}

/**
 * The other side could not be reached or failed; the next run may succeed. `mayHaveArrived`: it may have taken what it
 * was sent, and only its answer was lost; false where that cannot be, such as when nobody listens.
 */
export class Unavailable extends Error {
  override name = 'Unavailable'
  readonly mayHaveArrived: boolean
  constructor(message: string, { mayHaveArrived = true } = {}) {
    super(message)
    this.mayHaveArrived = mayHaveArrived
  }
}

/** One row, line or point that is not what it should be; what surrounds it goes on. */
export class Rejected extends Error {
  override name = 'Rejected'
}

/** An error's message in one line, whatever was thrown. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replaceAll(/\s*\n\s*/g, ' ')
}
