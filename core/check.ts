/** One thing that was tried at a source, sink or channel, and how it went. */
export interface Check {
  /** What was tried: 'token', 'repository acme/shop'. */
  name: string
  ok: boolean
  /** One line: what works, or what is wrong and how to mend it. */
  detail: string
}
