import type { Random } from './random.ts'

const verbs = [
  'Add',
  'Cache',
  'Simplify',
  'Speed up',
  'Validate',
  'Log',
  'Extract',
  'Rename',
  'Paginate',
  'Guard',
]
const things = [
  'the order summary',
  'session renewal',
  'currency rounding',
  'the address form',
  'retry of webhooks',
  'the price index',
  'the export job',
  'feature flags',
  'the health endpoint',
  'image thumbnails',
  'tax rates',
  'the audit trail',
  'search suggestions',
  'token rotation',
  'the empty state',
  'connection pooling',
]
const packages = ['undici', 'zod', 'fastify', 'pg', 'typescript', 'vite', 'pino', 'ioredis']
const files = [
  'handler.ts',
  'schema.ts',
  'store.ts',
  'view.ts',
  'routes.ts',
  'client.ts',
  'rules.ts',
  'handler.test.ts',
]

export function changeTitle(random: Random): string {
  return `${random.pick(verbs)} ${random.pick(things)}`
}

export function bumpTitle(random: Random): { title: string; branch: string } {
  const name = random.pick(packages)
  const major = random.between(1, 9)
  const minor = random.between(0, 20)
  const title = `Bump ${name} from ${major}.${minor}.0 to ${major}.${minor + 1}.0`
  return { title, branch: `dependabot/npm_and_yarn/${name}-${major}.${minor + 1}.0` }
}

export function fileName(random: Random): string {
  return random.pick(files)
}

export function slug(title: string): string {
  return title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}

const symptoms = [
  'Error rate above 5 %',
  'p95 latency above 2 s',
  'Health check failing',
  'Orders are not accepted',
  'Queue grows and is not drained',
  'Login fails for some users',
]
const outages = [
  'Upstream provider unreachable',
  'Certificate expired',
  'Availability zone degraded',
  'Disk of the database nearly full',
  'DNS resolution is slow',
  'Third-party rate limit reached',
]

export function symptom(random: Random): string {
  return random.pick(symptoms)
}

export function outage(random: Random): string {
  return random.pick(outages)
}
