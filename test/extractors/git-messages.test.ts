import { expect, test } from 'vitest'
import { readMessage } from '../../extractors/git/messages.ts'

test.each([
  [
    'GitHub',
    'Merge pull request #12 from acme/fix/cart',
    'Fix the cart\n\nLonger.',
    [12, 'Fix the cart', 'fix/cart'],
  ],
  [
    'GitHub without a body',
    'Merge pull request #12 from dev-1/patch-1',
    '',
    [12, 'Merge pull request #12 from dev-1/patch-1', 'patch-1'],
  ],
  [
    'a GitHub revert',
    'Merge pull request #13 from acme/revert-12-cart',
    'Revert "Fix the cart"',
    [13, 'Revert "Fix the cart"', 'revert-12-cart'],
  ],
  [
    'a GitHub advisory',
    'Merge pull request from GHSA-aaaa-bbbb-cccc',
    'Fix it',
    [undefined, 'Fix it', 'GHSA-aaaa-bbbb-cccc'],
  ],
  [
    'GitLab',
    "Merge branch 'cart' into 'main'",
    'Fix the cart\n\nCloses #3\n\nSee merge request acme/web/shop!12',
    [12, 'Fix the cart', 'cart'],
  ],
  [
    'GitLab with an address',
    "Merge branch 'cart' into 'main'",
    'Fix\n\nSee merge request https://git.example.com/acme/shop/-/merge_requests/12\n\nApproved-by: dev-2',
    [12, 'Fix', 'cart'],
  ],
  [
    'an old GitLab',
    "Merge branch 'cart' into 'master'",
    'See merge request !12',
    [12, "Merge branch 'cart' into 'master'", 'cart'],
  ],
  [
    'Bitbucket Cloud',
    'Merged in feature/cart (pull request #12)',
    'Fix the cart\n\nApproved-by: dev-2',
    [12, 'Fix the cart', 'feature/cart'],
  ],
  [
    'Bitbucket Server',
    'Merge pull request #12 in SHOP/web from feature/cart to main',
    '* commit a',
    [12, 'Merge pull request #12 in SHOP/web from feature/cart to main', 'feature/cart'],
  ],
  [
    'Bitbucket Server 7',
    'Pull request #12: Fix the cart',
    'Merge in SHOP/web from feature/cart to main\n\n* commit',
    [12, 'Fix the cart', 'feature/cart'],
  ],
  ['Azure', 'Merged PR 12: Fix the cart', 'Related work items: #7', [12, 'Fix the cart', undefined]],
  [
    'Azure without fast-forward',
    'Merge pull request 12 from feature/cart into main',
    '',
    [12, 'Merge pull request 12 from feature/cart into main', 'feature/cart'],
  ],
  [
    'Gitea',
    "Merge pull request 'Fix the cart' (#12) from dev-1/shop:cart into main",
    '',
    [12, 'Fix the cart', 'cart'],
  ],
  ['Bors', 'Auto merge of #12 - dev-1:cart, r=dev-2', 'Fix the cart', [12, 'Fix the cart', 'cart']],
  ['a squash', 'Fix the cart (#12)', '* one\n* two', [12, 'Fix the cart', undefined]],
  ['a squashed backport', 'Fix the cart (#12) (#34)', '', [34, 'Fix the cart (#12)', undefined]],
  [
    'a squashed revert',
    'Revert "Fix the cart (#12)" (#13)',
    '',
    [13, 'Revert "Fix the cart (#12)"', undefined],
  ],
  ['a squash of GitLab', 'Fix the cart (!12)', '', [12, 'Fix the cart', undefined]],
  [
    'a fast-forwarded request of GitLab',
    'Fix the cart',
    'Why.\n\nSee merge request acme/shop!12',
    [12, 'Fix the cart', undefined],
  ],
  [
    'a merge without a request',
    "Merge branch 'cart' into develop",
    '',
    [undefined, "Merge branch 'cart' into develop", 'cart'],
  ],
  [
    'a merge of a pulled branch',
    "Merge remote-tracking branch 'origin/cart'",
    '',
    [undefined, "Merge remote-tracking branch 'origin/cart'", 'cart'],
  ],
] as const)('%s', (_, subject, body, [number, title, branch]) => {
  expect(readMessage(subject, body)).toEqual({ number, title, branch })
})

test.each([
  'Fix the cart',
  'Revert "Fix the cart (#12)"',
  'Fix #12',
  'Fix (#0)',
  '(#12)',
  "Merge branch 'main' of git.example.com:acme/shop into main",
  "Merge remote-tracking branch 'origin/master'",
  "Merge tag 'v1.2.3' into develop",
  'Merge the two carts (finally)',
  '',
])('says nothing of a change: %s', (subject) => {
  expect(readMessage(subject, 'Change-Id: I0123')).toBeUndefined()
})
