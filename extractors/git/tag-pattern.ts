/** "Not yet a release" beside a number, a slash or the end: `-rc1`, `1.0beta2`, `nightly/1.0`; not `dev-tools-1.0`. */
const unfinished =
  /(?<![a-z])(?:rc|alpha|beta|pre|preview|prerelease|dev|devel|snapshot|nightly|canary|candidate|test|wip|draft)(?:[-_.]?v?\d|\/|$)/i

/**
 * An optional product or path (`checkout-`, `release/`, `@acme/cart@`, `REL_`, `go`), two or more numbers with one
 * separator (`1.2.3`, `8_4_0`), and no more than a word that says it is final, a post-release's number, or build metadata. A single
 * number is none: such tags (`v4`) are moved from release to release.
 */
const release =
  /^(?:[a-z@](?:[a-z\d_@/-]|\.(?!\d))*?(?:[-_/@]|(?<=[a-z])))?v?\d+(?:(?:\.\d+)+|(?:_\d+)+)(?:[-._]?(?:final|ga|release|stable|lts|post\d+))?(?:\+[\w.-]+)?$/i

/** Whether a tag looks like that of a release. */
export function isReleaseTag(tag: string): boolean {
  return release.test(tag) && !unfinished.test(tag)
}
