import { actionsAnswer } from './github-actions.ts'
import { compare } from './graph.ts'
import { isoSecond } from './github-ids.ts'
import { isFirstPage, listPage, notFound, ok, type Answer } from './github-page.ts'
import {
  commitShape,
  deploymentShape,
  fileShapes,
  pullShape,
  releaseShape,
  repositoryShape,
  statusShapes,
  userShape,
  type Bases,
} from './github-shapes.ts'
import type { GithubView, RepositoryView } from './github-view.ts'
import type { PullRequest } from './model.ts'

export interface RestRequest {
  /** Below the base, without a leading slash. */
  path: string
  query: URLSearchParams
  now: number
  bases: Bases
}

/** The answer to a GET of the REST API; 404 for what does not exist or is not served. */
export function restAnswer(github: GithubView, request: RestRequest): Answer {
  const { now, bases } = request
  const segments = request.path.split('/').map(decodeURIComponent)
  const [root, first = '', second = ''] = segments
  if (root === 'users' && segments.length === 2) return userAnswer(github, first)
  if ((root === 'orgs' || root === 'users') && second === 'repos') {
    const records = github.ofOwner(first)
    if (records.length === 0) return notFound
    return listPage(request, `${root}/${first}/repos`, records, (record) =>
      repositoryShape(github.byId(record.id, now)!, bases),
    )
  }
  if (root === 'repos') {
    return repositoryAnswer(github.byName(`${first}/${second}`, now), segments.slice(3), request)
  }
  if (root === 'repositories')
    return repositoryAnswer(github.byId(Number(first), now), segments.slice(2), request)
  return notFound
}

function userAnswer(github: GithubView, login: string): Answer {
  return github.ofOwner(login).length > 0 ? ok({ login, type: 'Organization' }) : notFound
}

function repositoryAnswer(
  view: RepositoryView | undefined,
  segments: string[],
  request: RestRequest,
): Answer {
  if (!view) return notFound
  const [kind, ...rest] = segments
  switch (kind) {
    case undefined:
      return ok(repositoryShape(view, request.bases))
    case 'commits':
      return commitsAnswer(view, rest, request)
    case 'pulls':
      return pullsAnswer(view, rest, request)
    case 'compare':
      return compareAnswer(view, rest.join('/'), request)
    case 'deployments':
      return deploymentsAnswer(view, rest, request)
    case 'releases':
      return releasesAnswer(view, rest, request)
    case 'tags':
      return listPage(request, listPath(view, 'tags'), view.releases(), ({ tag, commit }) => ({
        name: tag,
        commit: { sha: commit.sha },
      }))
    case 'actions':
      return actionsAnswer(view, rest, request)
    default:
      return notFound
  }
}

function listPath(view: RepositoryView, path: string): string {
  return `repositories/${view.repository.id}/${path}`
}

function commitsAnswer(view: RepositoryView, rest: string[], request: RestRequest): Answer {
  const { query, bases } = request
  const [sha, pulls] = rest
  if (sha === undefined) {
    const from = view.commit(query.get('sha') ?? '') ?? view.head
    const since = Date.parse(query.get('since') ?? '') || 0
    const until = Date.parse(query.get('until') ?? '') || Number.POSITIVE_INFINITY
    const isAll = !query.has('since') && !query.has('until')
    const history = view.history(from)
    const list = isAll
      ? history
      : history.filter((each) => each.committedAt >= since && each.committedAt <= until)
    return listPage(request, listPath(view, 'commits'), list, (commit) => commitShape(view, commit, bases))
  }
  const commit = view.commit(sha) ?? (sha === 'main' || sha === 'HEAD' ? view.head : undefined)
  if (!commit) return { status: 422, body: { message: `No commit found for SHA: ${sha}` } }
  if (pulls === 'pulls') {
    const list = commit.pull ? [commit.pull] : []
    return listPage(request, listPath(view, `commits/${sha}/pulls`), list, (pull) =>
      pullShape(view, pull, bases),
    )
  }
  const stats = { additions: commit.paths.length * 6, deletions: commit.paths.length * 2 }
  return ok({ ...commitShape(view, commit, bases), stats, files: fileShapes(commit.paths, commit.sha) })
}

function pullsAnswer(view: RepositoryView, rest: string[], request: RestRequest): Answer {
  const { bases } = request
  const [number, part] = rest
  if (number === undefined) {
    return listPage(request, listPath(view, 'pulls'), listedPulls(view, request), (each) =>
      pullShape(view, each, bases),
    )
  }
  const pull = view.pull(Number(number))
  if (!pull) return notFound
  const state = view.stateOf(pull)
  const path = listPath(view, `pulls/${number}/${part}`)
  switch (part) {
    case undefined:
      return ok(pullShape(view, pull, bases, true))
    case 'commits':
      return listPage(request, path, state.commits.slice(0, 250), (commit) =>
        commitShape(view, commit, bases),
      )
    case 'reviews':
      return listPage(request, path, state.reviews, (review) => ({
        id: review.id,
        user: userShape(review.author, bases),
        state: review.state,
        submitted_at: isoSecond(review.submittedAt),
        commit_id: state.head.sha,
      }))
    case 'files':
      return listPage(request, path, fileShapes(pull.paths, state.head.sha), (file) => file)
    default:
      return notFound
  }
}

function listedPulls(view: RepositoryView, { query }: RestRequest): PullRequest[] {
  const wanted = query.get('state') ?? 'open'
  const isUpdated = query.get('sort') === 'updated'
  // GitHub's default direction depends on the order: descending by creation, ascending by anything else.
  const direction =
    query.get('direction') ?? (query.has('sort') && query.get('sort') !== 'created' ? 'asc' : 'desc')
  const base = query.get('base')
  const matching = view.pulls().filter((pull) => {
    const state = view.stateOf(pull).state === 'OPEN' ? 'open' : 'closed'
    return (wanted === 'all' || wanted === state) && (base === null || base === pull.base)
  })
  if (!isUpdated) matching.sort((a, b) => b.number - a.number)
  return direction === 'asc' ? matching.toReversed() : matching
}

function deploymentsAnswer(view: RepositoryView, rest: string[], request: RestRequest): Answer {
  const { bases, query } = request
  const [id, part] = rest
  if (id === undefined) {
    const list = view
      .deployments()
      .filter(
        (each) =>
          accepts(query, 'environment', each.environment) &&
          accepts(query, 'sha', each.sha) &&
          accepts(query, 'ref', each.ref.name) &&
          accepts(query, 'task', each.task),
      )
    return listPage(request, listPath(view, 'deployments'), list, (each) =>
      deploymentShape(view, each, bases),
    )
  }
  const deployment = view.deployment(Number(id))
  if (!deployment) return notFound
  if (part === undefined) return ok(deploymentShape(view, deployment, bases))
  if (part !== 'statuses') return notFound
  const statuses = statusShapes(view, deployment, bases)
  return listPage(request, listPath(view, `deployments/${id}/statuses`), statuses, (status) => status)
}

function accepts(query: URLSearchParams, name: string, value: string): boolean {
  const wanted = query.get(name)
  return wanted === null || wanted === '' || wanted === 'none' || wanted === value
}

function releasesAnswer(view: RepositoryView, rest: string[], request: RestRequest): Answer {
  const [id] = rest
  if (id === undefined) {
    const shape = (release: Parameters<typeof releaseShape>[1]) => releaseShape(view, release, request.bases)
    return listPage(request, listPath(view, 'releases'), view.releases(), shape)
  }
  const release = view.releases().find((each) => each.id === Number(id))
  return release ? ok(releaseShape(view, release, request.bases)) : notFound
}

/** Without paging the newest 250 commits of the difference, else all of them page by page. */
function compareAnswer(view: RepositoryView, basehead: string, request: RestRequest): Answer {
  const { bases, query } = request
  const [baseName, headName] = basehead.split('...')
  const base = view.commit(baseName ?? '') ?? (baseName === 'main' ? view.head : undefined)
  const head = view.commit(headName ?? '') ?? (headName === 'main' ? view.head : undefined)
  if (!base || !head) return notFound
  const { ahead, behindCount, mergeBase } = compare(base, head)
  if (!mergeBase) return { status: 404, body: { message: `No common ancestor between ${basehead}.` } }
  const isPaged = query.has('page') || query.has('per_page')
  const path = listPath(view, `compare/${basehead}`)
  const page = listPage(
    request,
    path,
    isPaged ? ahead : ahead.slice(-250),
    (each) => commitShape(view, each, bases),
    {
      whole: !isPaged,
    },
  )
  const status =
    ahead.length === 0
      ? behindCount === 0
        ? 'identical'
        : 'behind'
      : behindCount === 0
        ? 'ahead'
        : 'diverged'
  const paths = new Set(ahead.flatMap((commit) => commit.paths))
  return {
    ...page,
    body: {
      status,
      ahead_by: ahead.length,
      behind_by: behindCount,
      total_commits: ahead.length,
      base_commit: commitShape(view, base, bases),
      merge_base_commit: commitShape(view, mergeBase, bases),
      commits: page.body,
      ...(isFirstPage(query) && { files: fileShapes([...paths].slice(0, 300), head.sha) }),
    },
  }
}
