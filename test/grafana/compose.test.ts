import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, normalize } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }

/** What can be known of docker-compose.yml, its image and Grafana's provisioning without a container engine. */

const root = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

interface Service {
  image: string
  environment?: Record<string, string>
  volumes: (string | { source: string; target: string })[]
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
}
const text = read('docker-compose.yml')
const compose = parse(text) as { services: Record<string, Service>; volumes: Record<string, null> }
const services = Object.entries(compose.services)
const mounts = services.flatMap(([, { volumes }]) => volumes.filter((each) => typeof each === 'string'))

const folders = new Set<string>()
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

describe('docker-compose.yml', () => {
  test('has InfluxDB, Dorado and Grafana, of versions that are said in full', () => {
    expect(services.map(([name]) => name)).toEqual(['secrets', 'influxdb', 'dorado', 'grafana'])
    for (const [, { image }] of services) expect(image).toMatch(/:\d+\.\d+\.\d+$/)
    expect(compose.services['dorado']!.image).toBe(`dorado:${packageJson.version}`)
    expect(read('Dockerfile')).toContain(`FROM node:${packageJson.devDependencies.node}-`)
    expect(compose.services['secrets']!.image).toBe(compose.services['influxdb']!.image)
  })

  test('starts what is needed before, done or healthy', () => {
    const needed = Object.fromEntries(services.map(([name, service]) => [name, service.depends_on]))
    expect(needed).toEqual({
      influxdb: { secrets: { condition: 'service_completed_successfully' } },
      dorado: { influxdb: { condition: 'service_healthy' } },
      grafana: { influxdb: { condition: 'service_healthy' } },
    })
    for (const [name, { healthcheck }] of services)
      expect(healthcheck?.test[0], name).toBe(name === 'secrets' ? undefined : 'CMD')
  })

  test('keeps data in volumes, and mounts what there is', () => {
    const sources = mounts.map((mount) => mount.split(':')[0]!)
    const named = new Set(sources.filter((source) => !source.startsWith('.')))
    expect([...named].sort()).toEqual(Object.keys(compose.volumes).sort())
    for (const source of sources.filter((each) => each.startsWith('.')))
      expect(existsSync(join(root, source))).toBe(true)
  })

  test('has no secret: each is a file that is mounted where it is named, and only made by one', () => {
    const made = Object.keys(secretsIn(makeSecrets().folder))
    const named = services.flatMap(([service, { environment = {}, volumes }]) =>
      Object.entries(environment)
        .filter(([name]) => /PASSWORD|TOKEN/.test(name))
        .map(([name, value]) => {
          const [, folder, file] = /^(?:file:)?(\/secrets\/\w+)\/([\w-]+)$/.exec(value) ?? []
          expect(volumes, `${service} ${name}`).toContain(`${basename(folder!)}-secrets:${folder}:ro`)
          return `${basename(folder!)}/${file}`
        }),
    )
    const [, ofGrafana] = /\$__file\{\/secrets\/(.+)\}/.exec(
      read('grafana/provisioning/datasources/dorado.yaml'),
    )!
    expect([...new Set([...named, ofGrafana!])].sort()).toEqual(made)
    expect(read('grafana/compose/init-influxdb.sh')).toContain(`$(cat /secrets/${ofGrafana})`)
    for (const mount of mounts.filter((each) => each.includes('-secrets:')))
      expect(mount).toMatch(compose.services['secrets']!.volumes.includes(mount) ? /\w$/ : /:ro$/)
  })

  test('Grafana has its own secrets only', () => {
    const { volumes } = compose.services['grafana']!
    const mounted = volumes.filter((each) => typeof each === 'string' && each.includes('secrets'))
    expect(mounted).toEqual(['grafana-secrets:/secrets/grafana:ro'])
  })
})

describe('the secrets', () => {
  test('are made once, at random, for containers with other users to read', () => {
    const { folder, ended } = makeSecrets()
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    const first = secretsIn(folder)
    expect(Object.keys(first)).toEqual([
      'grafana/influxdb-password',
      'grafana/password',
      'influxdb/password',
      'influxdb/token',
    ])
    for (const secret of Object.values(first)) expect(secret).toMatch(/^[0-9a-f]{48}$/)
    expect(new Set(Object.values(first)).size).toBe(4)
    for (const file of Object.keys(first)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o444)
    for (const secret of Object.values(first)) expect(ended.stdout).not.toContain(secret)

    expect(makeSecrets({ folder }).ended.status).toBe(0)
    expect(secretsIn(folder)).toEqual(first)
  })

  test('that are given are taken, and those that are too short are not', () => {
    const { folder } = makeSecrets({ env: { GRAFANA_PASSWORD: 'of my own' } })
    const first = secretsIn(folder)
    expect(first['grafana/password']).toBe('of my own')

    const { ended } = makeSecrets({ folder, env: { INFLUXDB_TOKEN: 'narrower', INFLUXDB_PASSWORD: '' } })
    expect(ended.status).toBe(0)
    expect(secretsIn(folder)).toEqual({ ...first, 'influxdb/token': 'narrower' })

    const refused = makeSecrets({ folder, env: { GRAFANA_PASSWORD: 'seven c' } }).ended
    expect(refused).toMatchObject({
      status: 1,
      stderr: 'grafana/password: a secret needs 8 characters or more\n',
    })
    expect(secretsIn(folder)['grafana/password']).toBe('of my own')
  })

  test('half made by a container that was ended are made', () => {
    const { folder } = makeSecrets()
    const { 'influxdb/token': token, ...others } = secretsIn(folder)
    rmSync(join(folder, 'influxdb/token'))
    writeFileSync(join(folder, 'influxdb/token'), '')
    writeFileSync(join(folder, 'influxdb/token.new'), token!.slice(0, 5))
    expect(makeSecrets({ folder }).ended.status).toBe(0)
    expect(secretsIn(folder)).toEqual({
      ...others,
      'influxdb/token': expect.stringMatching(/^[0-9a-f]{48}$/),
    })
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
    for (const name of ['init-influxdb.sh', 'make-secrets.sh'])
      expect(statSync(join(root, 'grafana/compose', name)).mode & 0o111).toBe(0o111)
  })
})

describe('provisioning', () => {
  const { environment = {} } = compose.services['grafana']!
  const targets = Object.fromEntries(mounts.map((mount) => mount.split(':') as [string, string]))

  test('finds the data source with what the container is given', () => {
    const source = read('grafana/provisioning/datasources/dorado.yaml')
    const used = [...source.matchAll(/\$([A-Z]\w*)/g)].map(([, name]) => name!)
    expect(used).toHaveLength(3)
    for (const name of used) expect(Object.keys(environment)).toContain(name)
    const { datasources } = parse(source) as { datasources: object[] }
    expect(datasources).toMatchObject([
      { type: 'influxdb', access: 'proxy', isDefault: true, jsonData: { version: 'InfluxQL' } },
    ])
    const { DOCKER_INFLUXDB_INIT_BUCKET: bucket } = compose.services['influxdb']!.environment!
    expect([
      environment['INFLUXDB_DATABASE'],
      compose.services['dorado']!.environment!['INFLUXDB_BUCKET'],
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

/** Runs what the container of the secrets runs. */
function makeSecrets({
  folder = mkdtempSync(join(tmpdir(), 'dorado-secrets-')),
  env = {},
}: { folder?: string; env?: Record<string, string> } = {}) {
  folders.add(folder)
  const script = join(root, 'grafana/compose/make-secrets.sh')
  const { PATH = '' } = process.env
  const ended = spawnSync('sh', [script, folder], { env: { PATH, ...env }, encoding: 'utf8' })
  return { folder, ended }
}

function secretsIn(folder: string): Record<string, string> {
  const files = globSync('*/*', { cwd: folder }).sort()
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
}

/** The project's files that are imported from these, and from those, and so on. */
function filesFrom(files: readonly string[]): string[] {
  const found = new Set(files)
  for (const file of found) {
    const imports = read(file).matchAll(/(?:from|import\(|import) ?'(\.[^']+)'/g)
    for (const [, path] of imports) found.add(normalize(join(dirname(file), path!)))
  }
  return [...found]
}
