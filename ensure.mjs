// Installs the packages when they are missing or no longer those of the lock file, and does nothing otherwise.
// Runs on whatever Node is installed (20 or newer): the scripts that follow find Node 24 in node_modules/.bin.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const stamp = 'node_modules/.installed'
const wanted = createHash('sha256')
  .update(readFileSync('package-lock.json'))
  .update(`${process.platform} ${process.arch}`)
  .digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  console.error('Installing packages (once) …')
  const npm = process.env.npm_execpath
  const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []]
  const done = spawnSync(command, [...args, 'ci', '--loglevel=error'], { stdio: ['ignore', 2, 2] })
  if (done.status !== 0) {
    console.error('npm ci failed; see its message above.')
    process.exit(1)
  }
  writeFileSync(stamp, wanted)
}
