import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import type { Config } from '../config/config.ts'
import { tellReleased } from '../pipeline/alerts-release.ts'
import { createDrain } from '../pipeline/deliveries.ts'
import { sendHeartbeat } from '../pipeline/heartbeat.ts'
import { statusFindings } from '../pipeline/quality.ts'
import { hasFailed, optionsAt, refresh } from '../pipeline/refresh.ts'
import { reportFrom } from '../pipeline/report.ts'
import { boundedGrowth } from '../pipeline/young-generation.ts'
import { sendAlerts } from '../pipeline/send-alerts.ts'
import { latestSlot, runSchedule } from '../pipeline/schedule.ts'
import type { RunningServer } from '../server/server.ts'
import { defaultConfigPath } from './command-options.ts'
import { lineProtocolPath, open, readConfig, type Opened } from './context.ts'
import { startDemoCompany } from './demo.ts'
import { maskFindings } from './mask.ts'
import { latest, mainWindow } from './report.ts'
import { deliveryLine, summary } from './refresh.ts'
import { reportTable } from './table.ts'

/** A long backlog is no reason to miss the next refresh: it is delivered on in the minutes between. */
const refreshDeliversForMs = 5 * 60_000
const drainedForMs = 50_000

/** `dorado start`: refreshes at once if a slot was missed, shows the report, and goes on until it is stopped. */
export async function startCommand(configPath: string | undefined): Promise<void> {
  if (configPath === undefined && !existsSync(defaultConfigPath)) {
    const demo = await startDemoCompany()
    try {
      await run(demo.config, true)
    } finally {
      await demo.stop()
    }
    return
  }
  await run(readConfig(configPath ?? defaultConfigPath), false)
}

async function run(config: Config, isDemo: boolean): Promise<void> {
  const opened = open(config, { command: 'start' })
  const { pipeline, io } = opened
  let server: RunningServer | undefined
  try {
    const done = (await pipeline.store.meta.lastDoneSlot('refresh')) ?? -Infinity
    const due = latestSlot(config.schedule, io.clock())
    // With nothing due the stored numbers are shown; otherwise the refresh shows them as it ends.
    if (due === undefined || due <= done) {
      await show(opened)
      process.stdout.write(`${hint(config, isDemo)}\n`)
    }
    const drain = createDrain(pipeline, io)
    // Each refresh leaves something behind, and nobody waits for anything between two of them.
    const bound = boundedGrowth()
    server = await startApi(opened)
    await runSchedule({
      store: pipeline.store,
      schedule: config.schedule,
      io,
      between: async () => {
        for (const delivery of await drain.run({ until: io.clock() + drainedForMs }))
          process.stdout.write(`${deliveryLine(delivery)}\n`)
        await tellReleased(pipeline, pipeline.alerts.settings, io)
        await sendAlerts(pipeline.store, pipeline.alerts.notifiers, io)
        await sendHeartbeat(pipeline.store, pipeline.alerts.settings.heartbeat, io)
      },
      run: async () => {
        const refreshed = await refresh(pipeline, io, { until: io.clock() + refreshDeliversForMs })
        drain.note(refreshed.deliveries)
        process.stdout.write(`${summary(refreshed)}\n`)
        if (hasFailed(refreshed))
          io.log.warn('a source, sink or channel failed: what needs it is held, and sent when it is back')
        await show(opened)
        process.stdout.write(`${hint(config, isDemo)}\n`)
        bound()
      },
    })
  } finally {
    await server?.close()
    opened.close()
  }
}

/** What it needs is loaded where it is configured only. */
async function startApi({ config, io, pipeline }: Opened): Promise<RunningServer | undefined> {
  if (config.server === undefined) return undefined
  const { startServer } = await import('../server/server.ts')
  const { listen, token } = config.server
  const server = await startServer(listen, {
    pipeline: { ...pipeline, schedule: config.schedule },
    clock: io.clock,
    log: io.log,
    startedAt: io.clock(),
    ...(token === undefined ? {} : { token }),
  })
  process.stdout.write(`API: ${server.url}\n`)
  return server
}

async function show({ config, io, pipeline }: Opened): Promise<void> {
  const asOf = await latest(pipeline)
  const window = mainWindow(config.windowsDays)
  const when = { asOf, windowsDays: [window] }
  const status = await statusFindings(pipeline, io.clock())
  const report = await reportFrom(pipeline.store, await optionsAt(pipeline, asOf), when, status)
  report.dataQuality = maskFindings(report.dataQuality, config.secrets)
  const color = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
  process.stdout.write(`\n${reportTable(report, { window: `${window}d`, color })}\n`)
}

function hint(config: Config, isDemo: boolean): string {
  const path = (file: string) => relative(process.cwd(), file) || file
  const points = config.sinks.length === 0 ? `; points: ${path(lineProtocolPath(config))}` : ''
  const lines = [
    `\nFacts and points: ${path(config.storePath)}${points}. Refreshed on "${config.schedule}" (UTC) until Ctrl-C.`,
  ]
  if (isDemo) {
    lines.push(
      `This is the demo company. Ask behind a number from another terminal:`,
      `  npm run -s dorado -- explain ${config.services[0]!.name} leadTime --config ${path(config.path)}`,
      `For your own: copy config/example.yaml to dorado.yaml. For a clone at once: npm run -s dorado -- git PATH`,
    )
  }
  return lines.join('\n')
}
