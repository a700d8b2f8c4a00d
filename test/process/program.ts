import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const cli = join(import.meta.dirname, '..', '..', 'cli.ts')

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Running {
  child: ChildProcess
  /** What it has written so far. */
  stdout(): string
  stderr(): string
  /** Resolves when this appears on the standard output; rejects where the program ends before. */
  says(text: string): Promise<void>
  ended: Promise<Ended>
}

export interface RunOptions {
  cwd: string
  env?: Record<string, string>
  /** Another program than cli.ts. */
  file?: string
}

/** Starts the real program, with nothing of this process's environment but what finds it. */
export function start(args: readonly string[], { cwd, env = {}, file = cli }: RunOptions): Running {
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, ...written }))
  })
  return {
    child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (written.stdout.includes(text)) resolve()
        }
        child.stdout.on('data', look)
        look()
        void ended.then(({ code, stderr }) =>
          reject(new Error(`ended with ${code} before it said ${text}: ${written.stdout}${stderr}`)),
        )
      }),
  }
}

/** Runs the real program to its end. */
export function run(args: readonly string[], options: RunOptions): Promise<Ended> {
  return start(args, options).ended
}

export interface Folders {
  make(): string
  /** A folder with these files; objects are written as lines of JSON. */
  with(files: Record<string, string | readonly object[]>): string
  remove(): void
}

/** Folders that are removed together. */
export function folders(): Folders {
  const made: string[] = []
  function make(): string {
    const folder = mkdtempSync(join(tmpdir(), 'dorado-process-'))
    made.push(folder)
    return folder
  }
  return {
    make,
    with(files) {
      const folder = make()
      for (const [name, content] of Object.entries(files)) {
        const lines =
          typeof content === 'string' ? [content] : content.map((each) => `${JSON.stringify(each)}\n`)
        writeFileSync(join(folder, name), lines.join(''))
      }
      return folder
    },
    remove() {
      for (const folder of made) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Programs of one test file, of which none is left behind: see `stop`. */
export interface Programs {
  start: typeof start
  /** Kills what still runs. */
  stop(): void
}

export function programs(): Programs {
  const running = new Set<Running>()
  return {
    start(args, options) {
      const program = start(args, options)
      running.add(program)
      void program.ended.finally(() => running.delete(program))
      return program
    },
    stop() {
      for (const { child } of running) child.kill('SIGKILL')
      running.clear()
    },
  }
}
