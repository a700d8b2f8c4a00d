import { z } from 'zod'
import { editions } from '../core/bands.ts'
import { botMetrics, type BotMetric } from '../core/bots.ts'
import { logLevels } from '../core/logger.ts'
import { isLoopback } from '../core/loopback.ts'
import { secret } from '../core/secret.ts'
import { durationField, filePath, textField } from '../core/setting-fields.ts'
import { checkCron } from '../core/cron.ts'
import { timezoneField } from '../core/timezone-field.ts'
import {
  environmentField,
  globField,
  labelsField,
  listenField,
  nameField,
  oneOrMany,
  repositoryField,
  sinceField,
  windowField,
} from './fields.ts'

/** What may be said once for all services, and by each of them otherwise. */
const settings = {
  timezone: timezoneField(),
  environments: oneOrMany(environmentField, ['production']).refine((all) => all.length > 0, {
    message: 'is empty; name at least one',
  }),
  leadTimeFrom: z.enum(['first-commit', 'merge', 'opened']),
  attributionWindow: durationField('1h'),
  remediationWindow: durationField('7d'),
  recoveryClock: z.enum(['impact', 'deployment']),
  hotfix: oneOrMany(nameField('hotfix'), ['hotfix']),
  incidentLabels: oneOrMany(nameField('caused-incident'), ['caused-incident']),
}

const botChoice = z.enum(['excluded', 'included']).exactOptional()

/** Said per metric, and joined over the levels: see core/bots.ts. */
const bots = {
  botsInLeadTime: z.boolean().optional(),
  bots: z
    .strictObject(
      Object.fromEntries(botMetrics.map((metric) => [metric, botChoice])) as Record<
        BotMetric,
        typeof botChoice
      >,
    )
    .optional(),
}

const repositories = oneOrMany(repositoryField, ['acme/checkout'])

/** One entry of `services`. */
export const serviceSchema = z
  .strictObject({
    name: nameField('checkout'),
    team: nameField('payments').optional(),
    labels: labelsField.default({}),
    repository: repositories.optional(),
    repositories: repositories.optional(),
    paths: oneOrMany(globField, ['api/**']).default([]),
    workflows: oneOrMany(nameField('deploy.yml'), ['deploy.yml']).default([]),
    incidents: oneOrMany(nameField('PABC123'), ['PABC123']).default([]),
    ...z.object(settings).partial().shape,
    ...bots,
  })
  .refine((service) => service.repository === undefined || service.repositories === undefined, {
    message: 'is given beside repository; write one of the two',
    path: ['repositories'],
  })

/** What tells services apart, with null for what is wrong, so that clashes are found beside other problems. */
export const claimSchema = z.object({
  name: serviceSchema.shape.name.nullable().catch(null),
  repository: repositories.optional().nullable().catch(null),
  repositories: repositories.optional().nullable().catch(null),
  paths: serviceSchema.shape.paths.nullable().catch(null),
  environments: settings.environments.optional().nullable().catch(null),
  workflows: serviceSchema.shape.workflows.nullable().catch(null),
})

export type Claim = z.output<typeof claimSchema>

export type ServiceEntry = z.output<typeof serviceSchema>

/** The API: off, unless it is said where it listens. */
const server = z
  .strictObject({ listen: listenField, token: secret().optional() })
  .refine(({ listen, token }) => token !== undefined || isLoopback(listen.host), {
    message: 'is missing: whoever reaches this machine could silence alerts; set one, or listen on 127.0.0.1',
    path: ['token'],
  })

/** Everything but the entries of `services`, `sources` and `sinks`, which are checked one by one. */
export const rootSchema = z.strictObject({
  timezone: settings.timezone.default('UTC'),
  since: sinceField.optional(),
  edition: z
    .preprocess((value) => (typeof value === 'number' ? String(value) : value), z.enum(editions))
    .default('2023'),
  schedule: textField(checkCron, ['0 * * * *']).default('0 * * * *'),
  store: filePath().optional(),
  windows: z
    .array(windowField)
    .min(1)
    .meta({ example: ['7d', '30d', '90d'] })
    .default([7, 30, 90]),
  logLevel: z.enum(logLevels).default('info'),
  unnamedRepositories: z.boolean().default(true),
  environments: settings.environments.default(['/(?i:prod|production)/']),
  leadTimeFrom: settings.leadTimeFrom.default('first-commit'),
  attributionWindow: settings.attributionWindow.default(3_600_000),
  remediationWindow: settings.remediationWindow.default(604_800_000),
  recoveryClock: settings.recoveryClock.default('impact'),
  hotfix: settings.hotfix.default(['hotfix']),
  incidentLabels: settings.incidentLabels.default(['caused-incident']),
  ...bots,
  services: z.array(z.unknown()).default([]),
  sources: z.array(z.unknown()).default([]),
  sinks: z.array(z.unknown()).default([]),
  channels: z.array(z.unknown()).default([]),
  server: server.optional(),
  /** Checked by the schema that alerts bring. */
  alerts: z.unknown().optional(),
})

export type Root = z.output<typeof rootSchema>

/** What every entry of `sources` and `sinks` has beside its connector's settings. */
export const entrySchema = z.object({ kind: nameField('github'), name: nameField('github').optional() })
