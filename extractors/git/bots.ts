const ownName =
  /\[bot\]|(?:^|[^a-z])(?:dependabot|renovate|github-actions|greenkeeper|mergify|pre-commit-ci|semantic-release)(?:[^a-z]|$)/i
/** `gitlab-bot`, `Some Bot`, `ci-robot`; no surname that ends so. */
const calledBot = /(?:^|[\s_.-])(?:ro)?bot$/i

/** Whether a commit is signed by a machine. Git knows no accounts, so names and addresses have to say it. */
export function isBot(name: string, email: string): boolean {
  const mailbox = email.split('@', 1)[0]!
  return [name, mailbox].some((each) => ownName.test(each) || calledBot.test(each.trim()))
}
