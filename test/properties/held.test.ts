import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasFailed, optionsAt, refresh, type Pipeline } from '../../pipeline/refresh.ts'
import { histories } from '../reference/histories.ts'
import { mostly, some } from '../reference/history-choices.ts'
import { arranged } from './arrangements.ts'
import { seen, type Seen } from './equality.ts'
import { fieldsOf, measurementOf, tagsOf } from './fields.ts'
import { instantOf } from './line.ts'
import { pointsOf } from './points.ts'
import { scriptedPipeline, sourceNames, type Ending, type SourceName } from './scripted-sources.ts'
import { ndjson } from './shown.ts'
import { runsOf } from './runs.ts'

const runs = runsOf(20, 0.1)
const hour = 3_600_000
const day = 24 * hour

const ending: fc.Arbitrary<Ending> = mostly(60, 'well', 'at once', 'after a page')
const pass = fc.record({
  wait: some(hour, 10 * 60_000, 5 * hour, day, 3 * day, 7 * day),
  endings: fc.record({ ci: ending, git: ending, pagerduty: ending }),
})

/** A history whose incidents name ids that every service is mapped to, told by three sources. */
const tellings = fc
  .record({ history: histories(), passes: fc.array(pass, { minLength: 1, maxLength: 8 }) })
  .map(({ history, passes }) => {
    const none = {
      mapped: 'none',
      hasWorkflows: false,
      dropsRepositories: false,
      twins: [],
      early: [],
    } as const
    const { config, lines } = arranged(history, { ...none, hasIncidentIds: true })
    const shown = () =>
      `\n== dorado.yaml: ${JSON.stringify(config)}\n== passes: ${JSON.stringify(passes)}\n${ndjson(lines)}\n`
    return { config, lines, passes, [fc.toStringMethod]: shown }
  })

const incidentFields = ['failed', 'recovery_time_n', 'incidents_started', 'incident_recovery_time_n']
const changeFields = ['rework', 'lead_time_n', 'lead_time_excluded_bots']
const alwaysThere = ['n', 'successful', 'deployment_frequency_per_day', 'coverage_days']

/** Every window says what its sources have told until its end, and nothing of what they have not. */
async function expectHeld(
  pipeline: Pipeline,
  completeUntil: Record<SourceName, number>,
  configured: readonly string[],
) {
  for (const { series, at, fields } of await pointsOf(pipeline.store)) {
    const { service } = tagsOf(series)
    if (measurementOf(series) !== 'dora_window' || !(service === '*' || configured.includes(service!)))
      continue
    const names = [...fieldsOf(fields!).keys()]
    const within = (source: SourceName) => at <= completeUntil[source]
    expect({
      at,
      isObserved: within('ci'),
      incidents: incidentFields.filter((name) => names.includes(name)),
      changes: changeFields.filter((name) => names.includes(name)),
      always: alwaysThere.filter((name) => names.includes(name)),
    }).toEqual({
      at,
      isObserved: true,
      incidents: within('pagerduty') ? incidentFields : [],
      changes: within('git') ? changeFields : [],
      always: alwaysThere,
    })
  }
}

const ofThePipeline = ['dora_pipeline', 'dora_quality']

/** What is to be seen in the end, but for what the pipeline tells of itself: that a source had failed stays told. */
async function end(pipeline: Pipeline, at: number): Promise<Seen> {
  const { lines, report } = await seen({ store: pipeline.store, options: await optionsAt(pipeline, at), at })
  return { lines: lines.filter((line) => !ofThePipeline.includes(measurementOf(line))), report }
}

test(
  `what needs a failed source is held, nothing else is, and afterwards it is as if it had never failed (${runs.numRuns} histories)`,
  { timeout: 3_600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(tellings, async ({ config, lines, passes }) => {
        const begin = Math.min(...lines.map(instantOf))
        const configured = (config.services ?? []).map(({ name }) => name)
        const [failing, sound] = [scriptedPipeline(config, lines), scriptedPipeline(config, lines)]
        try {
          const completeUntil = { ci: 0, git: 0, pagerduty: 0 }
          let now = begin
          // In the end all sources recover.
          for (const { wait, endings } of [...passes, { wait: hour, endings: allWell }]) {
            now += wait
            failing.clock.now = now
            sound.clock.now = now
            Object.assign(failing.endings, endings)
            for (const name of sourceNames) if (endings[name] === 'well') completeUntil[name] = now
            const refreshed = await refresh(failing.pipeline, failing.io)
            expect(hasFailed(refreshed)).toBe(sourceNames.some((name) => endings[name] !== 'well'))
            await expectHeld(failing.pipeline, completeUntil, configured)
            await refresh(sound.pipeline, sound.io)
          }
          expect(await end(failing.pipeline, now)).toEqual(await end(sound.pipeline, now))
        } finally {
          failing.pipeline.store.close()
          sound.pipeline.store.close()
        }
      }),
      runs,
    )
  },
)

const allWell: Record<SourceName, Ending> = { ci: 'well', git: 'well', pagerduty: 'well' }
