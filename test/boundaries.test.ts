import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
/** What each folder may import, besides itself. */
const allowed: Record<string, readonly string[]> = {
  core: [],
  extractors: ['core'],
  transforms: ['core'],
  loaders: ['core'],
  alerts: ['core'],
  store: ['core'],
  config: ['core'],
  demo: [],
  pipeline: ['core', 'store', 'transforms', 'extractors', 'loaders', 'alerts'],
  // Of its own folder compose: what the containers run.
  grafana: ['core', 'cli', 'demo', 'pipeline', 'store'],
  server: ['core', 'store', 'alerts', 'pipeline'],
  cli: [
    'core',
    'config',
    'store',
    'transforms',
    'extractors',
    'loaders',
    'alerts',
    'pipeline',
    'server',
    'demo',
  ],
}
/** Of these the pipeline sees the interfaces only. */
const interfacesOnly = ['extractors/extractor.ts', 'loaders/loader.ts']

function importsOf(file: string): { from: string; typesOnly: boolean }[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'/gm)].map(
    ([, type, from]) => ({
      from: from!,
      typesOnly: type !== undefined,
    }),
  )
}

describe.each(Object.entries(allowed))('%s', (folder, may) => {
  const files = globSync(`${folder}/**/*.ts`, { cwd: root })

  test('imports only what its place on the line allows', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter(({ from }) => from.startsWith('.'))
        .map(({ from }) => normalize(join(dirname(file), from)))
        .filter((target) => {
          const place = target.split('/')[0]!
          return target.includes('/') && place !== folder && !may.includes(place)
        })
        .map((target) => `${file} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })
})

test('the pipeline sees extractors and loaders through their interfaces', () => {
  const wrong = globSync('pipeline/**/*.ts', { cwd: root }).flatMap((file) =>
    importsOf(file)
      .map(({ from }) => normalize(join(dirname(file), from)))
      .filter((target) => /^(extractors|loaders)\//.test(target) && !interfacesOnly.includes(target))
      .map((target) => `${file} imports ${target}`),
  )
  expect(wrong).toEqual([])
})

test('what is pure touches no clock, chance, file, network or environment', () => {
  const impure = /Date\.now\(|new Date\(\)|Math\.random\(|process\.|from 'node:|from 'axios'|fetch\(/
  const wrong = globSync('{core,transforms,alerts}/**/*.ts', { cwd: root })
    .filter((file) => !file.startsWith('alerts/channels/'))
    // Made for the edges: they get their clock and stream passed in.
    .filter((file) => !['core/logger.ts', 'core/http-client.ts', 'core/http-text.ts'].includes(file))
    .filter((file) => impure.test(readFileSync(join(root, file), 'utf8')))
  expect(wrong).toEqual([])
})
