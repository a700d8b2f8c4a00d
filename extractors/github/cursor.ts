import { isRow } from './fields.ts'

/** How far one kind of row of one repository has been read. */
export interface Stream {
  /** Epoch ms: everything the source knew then is stored. */
  at: number
  /** Epoch ms back to which it was read. */
  from: number
  /** Of the first page when it was read; the same again means that nothing is new. */
  etag?: string
  /** The settings it was read with. */
  mode?: string
}

/** A commit that was deployed at `at`, to something that looks like production or not. */
export interface Wanted {
  sha: string
  at: number
  production: boolean
}

export interface RepositoryState {
  /** The default branch. */
  branch?: string
  deployments?: Stream
  changes?: Stream
  runs?: Stream
  /**
   * `head` is the commit up to which the default branch is known, `from` how far back; `paths` says that no commit
   * was read without its files being told or kept as missing.
   */
  commits?: Stream & { head: string; paths?: true }
  /** There was no commit at all when it was last looked. */
  empty?: boolean
  /** The first success that is known: what is older than it is shipped. */
  baseline?: { sha: string; at: number }
  /** Deployed commits that may lie off the default branch and were not looked up yet. */
  wanted?: Wanted[]
  /** Commits that are stored without their files though these are wanted, those to ask for first first. */
  pathless?: string[]
  /** Run ids that were not completed, with the ETag of their last answer. */
  openRuns?: Record<string, string>
}

/** The cursor of the source. */
export interface State {
  version: 1
  repositories: Record<string, RepositoryState>
  /** Node ids of deployments that were running, by fact id. */
  openDeployments: Record<string, string>
  /** The start of the last refresh that swept. */
  sweptAt?: number
}

/** What a cursor says; one of another version, or none, starts from nothing. */
export function readCursor(cursor: string | undefined): State {
  const empty: State = { version: 1, repositories: {}, openDeployments: {} }
  if (cursor === undefined || cursor === '') return empty
  try {
    const parsed: unknown = JSON.parse(cursor)
    return isRow(parsed) && parsed['version'] === 1 ? (parsed as unknown as State) : empty
  } catch {
    return empty
  }
}

/** The stream if it can be continued: read with these settings and far enough back. */
export function continued<T extends Stream>(
  stream: T | undefined,
  from: number,
  mode?: string,
): T | undefined {
  if (!stream || stream.from > from || stream.mode !== mode) return undefined
  return stream
}
