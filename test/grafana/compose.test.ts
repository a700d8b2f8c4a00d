import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }

/** What can be known of docker-compose.yml, its image and Grafana's provisioning without a container engine. */

const root = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

interface Service {
  image: string
  environment: Record<string, string>
  volumes: (string | { source: string; target: string })[]
  healthcheck: { test: string[] }
  depends_on?: Record<string, { condition: string }>
}
const text = read('docker-compose.yml')
const compose = parse(text) as { services: Record<string, Service>; volumes: Record<string, null> }
const services = Object.entries(compose.services)
const mounts = services.flatMap(([, { volumes }]) => volumes.filter((each) => typeof each === 'string'))

describe('docker-compose.yml', () => {
  test('has InfluxDB, Dorado and Grafana, of versions that are said in full', () => {
    expect(services.map(([name]) => name)).toEqual(['influxdb', 'dorado', 'grafana'])
    for (const [, { image }] of services) expect(image).toMatch(/:\d+\.\d+\.\d+$/)
    expect(compose.services['dorado']!.image).toBe(`dorado:${packageJson.version}`)
    expect(read('Dockerfile')).toContain(`FROM node:${packageJson.devDependencies.node}-`)
  })

  test('starts what is needed before, and healthy', () => {
    for (const [name, { healthcheck, depends_on: needed = {} }] of services) {
      expect(healthcheck.test[0], name).toBe('CMD')
      if (name !== 'influxdb') expect(needed).toEqual({ influxdb: { condition: 'service_healthy' } })
    }
  })

  test('keeps data in volumes, and mounts what there is', () => {
    const sources = mounts.map((mount) => mount.split(':')[0]!)
    expect(sources.filter((source) => !source.startsWith('.')).sort()).toEqual(
      Object.keys(compose.volumes).sort(),
    )
    for (const source of sources.filter((each) => each.startsWith('.')))
      expect(existsSync(join(root, source))).toBe(true)
  })

  test('has no secret: what is one has to be given, and make-env.sh gives it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dorado-env-'))
    const make = () =>
      spawnSync('sh', [join(root, 'grafana/compose/make-env.sh')], { cwd: folder, encoding: 'utf8' })
    expect(make().status).toBe(0)
    const env = readFileSync(join(folder, '.env'), 'utf8')
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600)
    expect(make().status).toBe(1)
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(env)
    rmSync(folder, { recursive: true })

    const given = [...env.matchAll(/^(\w+)=[0-9a-f]{48}$/gm)].map(([, name]) => name!)
    const required = [...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name!)
    expect([...new Set(required)].sort()).toEqual(given.sort())
    for (const [, { environment }] of services)
      for (const [name, value] of Object.entries(environment))
        if (/PASSWORD|TOKEN/.test(name)) expect(value, name).toMatch(/^\$\{\w+:\?.+\}$/)
  })
})

describe('the image', () => {
  test('has every file that Dorado is made of', () => {
    const [everything, ...kept] = read('.dockerignore').trim().split('\n')
    expect(everything).toBe('*')
    const places = kept.map((line) => line.slice(1))
    const reached = filesFrom(['cli.ts', 'grafana/compose/start.ts', 'grafana/compose/health.ts'])
    expect(reached.length).toBeGreaterThan(100)
    const isKept = (file: string) => places.some((place) => file === place || file.startsWith(`${place}/`))
    expect(reached.filter((file) => !isKept(file))).toEqual([])
    for (const place of places) expect(existsSync(join(root, place)), place).toBe(true)
  })

  test('has scripts that can be run', () => {
    for (const name of ['init-influxdb.sh', 'make-env.sh'])
      expect(statSync(join(root, 'grafana/compose', name)).mode & 0o111).toBe(0o111)
  })
})

describe('provisioning', () => {
  const { environment } = compose.services['grafana']!
  const targets = Object.fromEntries(mounts.map((mount) => mount.split(':') as [string, string]))

  test('finds the data source with what the container is given', () => {
    const source = read('grafana/provisioning/datasources/dorado.yaml')
    const used = [...source.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!)
    expect(used).toHaveLength(4)
    for (const name of used) expect(Object.keys(environment)).toContain(name)
    const { datasources } = parse(source) as { datasources: object[] }
    expect(datasources).toMatchObject([
      { type: 'influxdb', access: 'proxy', isDefault: true, jsonData: { version: 'InfluxQL' } },
    ])
    const { DOCKER_INFLUXDB_INIT_BUCKET: bucket } = compose.services['influxdb']!.environment
    expect([
      environment['INFLUXDB_DATABASE'],
      compose.services['dorado']!.environment['INFLUXDB_BUCKET'],
    ]).toEqual([bucket, bucket])
  })

  test('finds the dashboards where they are mounted', () => {
    const { providers } = parse(read('grafana/provisioning/dashboards/dorado.yaml')) as {
      providers: { type: string; options: { path: string } }[]
    }
    expect(providers).toMatchObject([{ type: 'file', options: { path: targets['./grafana/dashboards'] } }])
    const home = environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']!
    expect(existsSync(join(root, home.replace(targets['./grafana/dashboards']!, 'grafana/dashboards')))).toBe(
      true,
    )
  })
})

/** The project's files that are imported from these, and from those, and so on. */
function filesFrom(files: readonly string[]): string[] {
  const found = new Set(files)
  for (const file of found) {
    const imports = read(file).matchAll(/(?:from|import\(|import) ?'(\.[^']+)'/g)
    for (const [, path] of imports) found.add(normalize(join(dirname(file), path!)))
  }
  return [...found]
}
