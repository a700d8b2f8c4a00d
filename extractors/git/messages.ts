/** What the message of a merge, or of a squashed pull request, says. */
export interface MergeMessage {
  /** The pull or merge request; undefined where two branches were merged without one. */
  number: number | undefined
  title: string
  /** The branch that was merged. */
  branch: string | undefined
}

interface Form {
  pattern: RegExp
  /** What stands in the first line of the body: the title, or nothing of interest. */
  titleInBody?: true
}

/** The messages that forges write: `number`, `title` and `branch` are groups of the subject. */
const forms: Form[] = [
  // Gitea, Forgejo
  {
    pattern:
      /^Merge pull request '(?<title>.*)' \([#!](?<number>\d+)\) from (?:\S+:)?(?<branch>\S+)(?: into \S+)?$/,
  },
  // Bitbucket Server until 6, Azure DevOps
  {
    pattern: /^Merge pull request #?(?<number>\d+) (?:in \S+ )?from (?<branch>\S+) (?:in)?to \S+$/,
    titleInBody: true,
  },
  // GitHub: the branch with its owner
  { pattern: /^Merge pull request #(?<number>\d+) from (?:[^/\s]+\/)?(?<branch>\S+)/, titleInBody: true },
  // GitHub, the private fork of a security advisory
  { pattern: /^Merge (?:pull request|commit) from (?<branch>GHSA-\S+|ghsa-\S+)$/, titleInBody: true },
  // Bitbucket Server from 7 on; the branch stands in the body
  { pattern: /^Pull request #(?<number>\d+): (?<title>.+)$/ },
  // Bitbucket Cloud, also when squashed
  { pattern: /^Merged in (?<branch>\S+) \(pull request #(?<number>\d+)\)$/, titleInBody: true },
  // Azure DevOps, also when squashed
  { pattern: /^Merged PR (?<number>\d+): (?<title>.+)$/ },
  // Bors
  {
    pattern: /^Auto merge of #(?<number>\d+) - (?:[^:\s]+:)?(?<branch>[^,\s]+), r=/,
    titleInBody: true,
  },
]

/** GitLab puts the number at the end of the body. */
const gitlab = /^See merge request (?:\S*!|\S+\/merge_requests\/)(?<number>\d+)\s*$/m
const bitbucketServer = /^Merge in \S+ from (?<branch>\S+) to \S+$/m
/** GitHub, Gitea and GitLab's template put it at the end of the subject of a squashed request. */
const squashed = /^(?<title>.*\S)\s+\([#!](?<number>\d+)\)$/
/** Git's own message. `of URL` is a pull; `into` is the branch that it was merged to, and left out for master. */
const branchMerge =
  /^Merge (?:remote-tracking )?branch '(?<branch>[^']+)'(?: of \S+)?(?: into '?(?<into>[^']+?)'?)?$/

/** Reads subject and body; undefined where neither speaks of a pull request or of a merged branch. */
export function readMessage(subject: string, body: string): MergeMessage | undefined {
  for (const { pattern, titleInBody } of forms) {
    const groups = pattern.exec(subject)?.groups
    if (!groups) continue
    const branch = groups['branch'] ?? bitbucketServer.exec(body)?.groups?.['branch']
    const title = groups['title'] ?? ((titleInBody && titleOf(body)) || subject)
    return { number: numberOf(groups['number']), title, branch }
  }
  const groups = branchMerge.exec(subject)?.groups
  if (groups) {
    const branch = groups['branch']!.replace(/^origin\//, '')
    const number = numberOf(gitlab.exec(body)?.groups?.['number'])
    if (number !== undefined) return { number, title: titleOf(body) || subject, branch }
    // A branch that is merged into itself was pulled.
    return branch === (groups['into'] ?? 'master') ? undefined : { number, title: subject, branch }
  }
  const request = squashed.exec(subject)?.groups ?? gitlab.exec(body)?.groups
  const number = numberOf(request?.['number'])
  return number === undefined
    ? undefined
    : { number, title: request?.['title'] ?? subject, branch: undefined }
}

/** The first line of a body, unless it is one of those that forges add. */
function titleOf(body: string): string {
  const first = body.trimStart().split('\n', 1)[0]!.trim()
  return /^(?:\* |See merge request |Closes |Approved-by: |Related work items: )/.test(first) ? '' : first
}

/** Numbers that no forge gives are none. */
function numberOf(text: string | undefined): number | undefined {
  const number = Number(text)
  return number > 0 && Number.isSafeInteger(number) ? number : undefined
}
