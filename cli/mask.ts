import { createMask } from '../core/secret.ts'
import type { Finding } from '../transforms/finding.ts'

/** Secrets can come with what others wrote: an error that quotes one, an id that is one. */
export function maskFindings(findings: readonly Finding[], secrets: readonly string[]): Finding[] {
  const mask = createMask(secrets)
  return findings.map((finding) => ({
    ...finding,
    subject: mask(finding.subject),
    detail: mask(finding.detail),
  }))
}
