/** What may be asked within a window of time, as a vendor counts it. */
export interface Budget {
  /** Takes that much of it; false where there is not enough left. */
  take(cost: number): boolean
  state(): { limit: number; used: number; resetAt: number }
}

/** A window begins with the first request after the last one has ended. */
export function createBudget(limit: number, windowMs: number, clock: () => number): Budget {
  let used = 0
  let resetAt = Number.NEGATIVE_INFINITY

  function renew(): void {
    if (clock() < resetAt) return
    used = 0
    resetAt = Math.ceil((clock() + windowMs) / 1000) * 1000
  }

  return {
    take(cost) {
      renew()
      if (used + cost > limit) return false
      used += cost
      return true
    },
    state() {
      renew()
      return { limit, used, resetAt }
    },
  }
}
