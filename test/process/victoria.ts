import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from './influxd.ts'

/** A VictoriaMetrics with an empty folder of its own: it takes /api/v2/write, and answers 204 to anything. */
export interface Victoria {
  url: string
  stop(): Promise<void>
}

/** The path of victoria-metrics, or undefined where it is not installed. */
export function findVictoria(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, 'victoria-metrics')).find((file) => existsSync(file))
}

export async function startVictoria(file: string): Promise<Victoria> {
  const folder = await mkdtemp(join(tmpdir(), 'dorado-victoria-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = spawn(
    file,
    [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${folder}`, '-retentionPeriod=100y'],
    { stdio: 'ignore' },
  )
  const ended = new Promise((resolve) => server.once('close', resolve))
  const stop = async () => {
    server.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true })
  }
  for (let tries = 0; tries < 200; tries += 1) {
    if (
      await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { url, stop }
    await wait(50)
  }
  await stop()
  throw new Error('victoria-metrics did not start within 10 s')
}
