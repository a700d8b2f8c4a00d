import { expect, test } from 'vitest'
import { isReleaseTag } from '../../extractors/git/tag-pattern.ts'

const releases = `
  v1.2.3 1.2 0.9.0 V2.0 v1.8.5.6 2026.03.02 20260302.1
  release-1.2 rel/1.2 release/1.2.3 REL_16_1 REL9_6_2 foo-1.2.3 go1.21.5 tiny-foo-8_4_0
  @acme/cart@11.0.0 cart@1.2.0 api/cart/v0.1.1 log4j-2.17.1 com.acme.cart-1.2.3 dev-tools-1.0.0
  v2.3.9.RELEASE 4.1.100.Final v2.0.4-stable v1.10.0.post2 v1.27.3+k3s1
`

const others = `
  v1.2.3-rc1 v1.2.3-rc.1 1.0rc6 v3.12.0a1 v1.0b5 4.2-beta 3.0-alpha0 8.0-m01 v4.1.0-M1
  2.0.0dev0 v2.6.0.dev0 14.6.0-dev v1.2-SNAPSHOT @acme/cart@11.0.0-next.17 REL_16_RC1 rc-8_22_0
  beta-1.0 nightly/2026.03.02 v2.43.0-rc.1+strings v2.35.0-retract curl-7_9_7-pre2
  v4 7 latest stable pre-removal 2.3.x v1.2.3-debian-1.0 1_2.3
`

const listed = (tags: string) => tags.trim().split(/\s+/)

test.each(listed(releases))('%s is a release', (tag) => {
  expect(isReleaseTag(tag)).toBe(true)
})

test.each(listed(others))('%s is none', (tag) => {
  expect(isReleaseTag(tag)).toBe(false)
})

test('a long tag is answered, too', () => {
  expect(isReleaseTag(`${'a-1_'.repeat(2000)}!`)).toBe(false)
})
