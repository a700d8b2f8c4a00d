import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFields } from '../../core/line-protocol.ts'
import type { FieldValue } from '../../core/point.ts'
import { settingsFor } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import type { TrackedDeployment } from '../../transforms/derive.ts'
import { eventWriter } from '../../transforms/event-points.ts'
import type { Sample } from '../../transforms/lead-time.ts'

const config = loadConfig({
  path: 'dorado.yaml',
  text: 'services: [{name: shop, team: "pay \\"ments\\""}]',
  env: {},
  readFile: () => '',
  connectors: { sources: [], sinks: [] },
})
const words = fc.constantFrom('plain', 'with "quotes"', 'back\\slash', 'two\nlines', '')
const ms = fc.option(fc.nat({ max: 1e10 }), { nil: undefined })
const sample: fc.Arbitrary<Sample> = fc
  .record({
    id: words,
    isBot: fc.boolean(),
    excluded: fc.constantFrom(undefined, 'bot' as const, 'negative_lead_time' as const),
    leadTimeMs: ms,
    codingMs: ms,
    deployMs: ms,
    size: ms,
    url: words,
  })
  .map((told) => {
    const known = Object.entries(told).filter(([, value]) => value !== undefined)
    return { source: 'git', at: 1000, ...Object.fromEntries(known) } as Sample
  })
const deployment: fc.Arbitrary<TrackedDeployment> = fc.record({
  rollout: fc.record({
    source: fc.constant('ci'),
    id: words,
    environment: fc.constant('production'),
    repository: fc.constant('acme/shop'),
    sha: fc.option(words, { nil: undefined }),
    version: fc.option(words, { nil: undefined }),
    begunAt: fc.constant(0),
    at: fc.constant(1000),
    succeeded: fc.boolean(),
    range: fc.constant(undefined),
    isRollback: fc.constant(undefined),
    isRework: fc.constant(undefined),
    firstCommitAt: fc.constant(undefined),
    url: words,
    shared: fc.constant(false),
  }),
  role: fc.record({
    isRollback: fc.boolean(),
    isRework: fc.constant(false),
    isRedeploy: fc.constant(false),
    marks: fc.constant(-1),
  }),
  failure: fc.constant(undefined),
  samples: fc.array(sample, { maxLength: 4 }),
  unknownBecause: fc.constant(undefined),
})

/** As the general encoder writes them; what is not known is left out. */
function encoded(fields: Record<string, FieldValue | undefined>): string {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  return encodeFields(Object.fromEntries(known) as Record<string, FieldValue>)
}

const inSeconds = (duration: number | undefined) => (duration === undefined ? undefined : duration / 1000)

function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined ? undefined : (low + high!) / 2000
}

test('the points of a deployment and its changes are those that the general encoder writes', () => {
  const derived = { service: settingsFor(config, 'shop'), tracks: [], findings: [], causesFound: new Set('') }
  const team = 'pay "ments"'
  fc.assert(
    fc.property(deployment, (given) => {
      const { rollout, role, samples } = given
      const isSample = ({ excluded, leadTimeMs }: Sample) =>
        excluded === undefined && leadTimeMs !== undefined
      const points = eventWriter(derived).ofDeployment('production', given)
      const ofDeployment = encoded({
        outcome: rollout.succeeded ? 'success' : 'failure',
        kind: role.isRollback ? 'rollback' : 'normal',
        failed: false,
        changes: { int: samples.length },
        sha: rollout.sha,
        version: rollout.version,
        lead_time_p50_s: medianOf(samples.filter(isSample).map(({ leadTimeMs }) => leadTimeMs!)),
        url: rollout.url,
        team,
      })
      const ofChanges = samples.map(({ excluded, size, ...each }) =>
        encoded({
          bot: each.isBot,
          deployment: rollout.id === '' ? undefined : rollout.id,
          ...(excluded === undefined
            ? {
                lead_time_s: inSeconds(each.leadTimeMs),
                coding_s: inSeconds(each.codingMs),
                deploy_s: inSeconds(each.deployMs),
              }
            : {}),
          size: size === undefined ? undefined : { int: size },
          excluded,
          url: each.url,
          team,
        }),
      )
      const ids = [rollout.id, ...samples.map(({ id }) => id)].map((id) => encodeFields({ id }))
      const whole = [ofDeployment, ...ofChanges].map((fields, index) => `${ids[index]},${fields}`)
      const withoutEmpty = points.map(({ fields }) => fields.replace(',deployment=""', ''))
      expect(withoutEmpty).toEqual(whole)
      expect(new Set(points.slice(1).map(({ nanos }) => nanos)).size).toBe(samples.length)
    }),
  )
})
