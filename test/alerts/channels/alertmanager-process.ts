import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { listen } from '../../core/loopback.ts'

export interface RealAlertmanager {
  url: string
  stop(): Promise<void>
}

const tellsNobody = 'route: { receiver: none }\nreceivers: [{ name: none }]\n'

/** An Alertmanager of its own on a free port, which tells nobody; undefined where none is installed. */
export async function startAlertmanager(more = ''): Promise<RealAlertmanager | undefined> {
  const names = ['alertmanager', 'prometheus-alertmanager']
  const command = names.find((name) => spawnSync(name, ['--version']).error === undefined)
  if (command === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'))
  writeFileSync(join(folder, 'config.yml'), tellsNobody + more)
  const { url } = await freePort()
  const started = spawn(
    command,
    [
      `--config.file=${join(folder, 'config.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${url.replace('http://', '')}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  )
  await vi.waitFor(
    async () => {
      const { ok } = await fetch(`${url}/-/ready`)
      if (!ok) throw new Error('it is not ready')
    },
    { timeout: 20_000, interval: 100 },
  )
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        started.once('exit', () => {
          rmSync(folder, { recursive: true, force: true })
          resolve()
        })
        started.kill()
      }),
  }
}

async function freePort(): Promise<{ url: string }> {
  const server = await listen(() => ({}))
  await server.close()
  return server
}
