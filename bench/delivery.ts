import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findInfluxd, startInfluxd, startProxy } from '../test/process/influxd.ts'
import { findVictoria, startVictoria } from '../test/process/victoria.ts'
import type { DeliveryPart } from './delivery-part.ts'
import type { Figure } from './figure.ts'
import type { Measured } from './measured.ts'

const run = promisify(execFile)

const points = 1_000_000
const backlog = 5_000_000

interface Server {
  name: string
  url: string
  stop(): Promise<void>
}

/**
 * The delivery of a million points against a loop that sends the same lines, made before, to the same server; and the
 * memory of one with a backlog of five million. Servers that are not installed are left out.
 */
export async function benchDelivery(report: (line: string) => void): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dorado-bench-'))
  const part = async (name: DeliveryPart, store: string, url: string, count: number): Promise<Measured> => {
    const args = [name, join(folder, `${store}.db`), url, String(count)]
    const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'delivery-part.ts'), ...args])
    return JSON.parse(stdout) as Measured
  }
  const figures: Figure[] = []
  try {
    for (const start of servers()) {
      const server = await start()
      try {
        report(`${points} points to ${server.name} …`)
        await part('fill', server.name, '', points)
        // The loop before and after, so that a machine that gets busier meanwhile is the same for both.
        const earlier = await part('bare', server.name, server.url, points)
        const delivered = await part('deliver', server.name, server.url, points)
        const later = await part('bare', server.name, server.url, points)
        const rate = ({ ms }: { ms: number }) => points / (ms / 1000)
        figures.push({
          name: `delivery to ${server.name}`,
          value: rate(delivered),
          unit: 'points/s',
          baseline: { name: 'bare loop', value: rate({ ms: (earlier.ms + later.ms) / 2 }) },
          atLeast: 0.8,
        })
      } finally {
        await server.stop()
      }
    }
    const file = findVictoria()
    if (file === undefined) return figures
    const server = await startVictoria(file)
    try {
      report(`a backlog of ${backlog} points …`)
      await part('fill', 'backlog', '', backlog)
      const { peakMiB, ms } = await part('deliver', 'backlog', server.url, backlog)
      figures.push(
        { name: 'delivery of a backlog of 5,000,000', value: backlog / (ms / 1000), unit: 'points/s' },
        { name: 'delivery of a backlog of 5,000,000: peak memory', value: peakMiB, unit: 'MiB', atMost: 300 },
      )
    } finally {
      await server.stop()
    }
    return figures
  } finally {
    await rm(folder, { recursive: true })
  }
}

function servers(): (() => Promise<Server>)[] {
  const found: (() => Promise<Server>)[] = []
  const victoria = findVictoria()
  if (victoria !== undefined)
    found.push(async () => ({ name: 'victoria-metrics', ...(await startVictoria(victoria)) }))
  const influxd = findInfluxd()
  if (influxd !== undefined) {
    found.push(async () => {
      const influx = await startInfluxd(influxd)
      // 1.6 has no /api/v2/write: both go through what rewrites the path.
      const proxy = await startProxy(influx)
      const stop = async () => {
        await proxy.close()
        await influx.stop()
      }
      return { name: 'influxd 1.6.7', url: proxy.url, stop }
    })
  }
  return found
}
