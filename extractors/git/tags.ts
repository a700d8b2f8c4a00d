import type { Place } from './command.ts'
import { askGit, runGit } from './command.ts'
import { instantOf } from './log.ts'
import type { RepositorySettings } from './settings.ts'
import { isReleaseTag } from './tag-pattern.ts'

/** A tag that stands for a deployment. */
export interface Tag {
  ref: string
  name: string
  /** What the ref points to: an annotated tag's own object, so that moving it either way is seen. */
  object: string
  /** The commit; undefined where the tag is on something else. */
  sha: string | undefined
  /** When an annotated tag was made, epoch ms. */
  taggedAt: number | undefined
  /** From the pattern's group. */
  service: string | undefined
}

const fields = ['refname', 'objectname', 'objecttype', '*objectname', '*objecttype', 'taggerdate:unix']
const format = `--format=${fields.map((field) => `%(${field})`).join('%00')}`

/** The tags that match, in the order of their names, and how many there are in all. */
export async function readTags(
  place: Place,
  settings: RepositorySettings,
): Promise<{ tags: Tag[]; all: number }> {
  const lines = (await runGit(place, ['for-each-ref', format, 'refs/tags']))
    .split('\n')
    .filter((line) => line !== '')
  const tags: Tag[] = []
  for (const line of lines) {
    const [ref = '', object = '', type, target = '', targetType, date = ''] = line.split('\0')
    const name = ref.slice('refs/tags/'.length)
    const groups = matchOf(name, settings.tagPattern)
    if (!groups) continue
    const sha =
      type === 'commit' ? object : targetType === 'commit' ? target : await commitOf(place, ref, targetType)
    // A date that cannot be read is shown as 0.
    const taggedAt = instantOf(date) || undefined
    tags.push({ ref, name, object, sha, taggedAt, service: groups['service'] })
  }
  return { tags, all: lines.length }
}

function matchOf(name: string, pattern: RegExp | undefined): Record<string, string> | undefined {
  if (!pattern) return isReleaseTag(name) ? {} : undefined
  const match = pattern.exec(name)
  return match ? { ...match.groups } : undefined
}

/** The commit behind a tag of a tag. */
async function commitOf(
  place: Place,
  ref: string,
  targetType: string | undefined,
): Promise<string | undefined> {
  if (targetType !== 'tag') return undefined
  return askGit(place, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`])
}
