import { file } from './file.ts'
import { git } from './git/index.ts'
import { github } from './github/index.ts'
import { pagerduty } from './pagerduty/index.ts'

/** Every kind of source, in the order in which help and errors list them. */
export const sources = [git, github, pagerduty, file]
