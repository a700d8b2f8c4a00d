import { z } from 'zod'
import type { Config } from '../../config/config.ts'
import type { ConnectorSchemas } from '../../config/keys.ts'
import { loadConfig } from '../../config/load.ts'
import { ConfigError } from '../../core/errors.ts'
import { secret } from '../../core/secret.ts'
import { filePath, durationField } from '../../core/setting-fields.ts'

/** Connectors with every kind of setting that a schema may have. */
export const connectors: ConnectorSchemas = {
  sources: [
    {
      kind: 'forge',
      schema: z
        .strictObject({
          token: z.string().min(1).optional(),
          app: z.strictObject({ privateKey: z.string().min(1), appId: z.number().int() }).optional(),
          repositories: z
            .array(z.union([z.string(), z.strictObject({ name: z.string(), tags: z.string().optional() })]))
            .default([]),
          runs: z.boolean().default(true),
          retries: z.number().int().nonnegative().default(3),
          keep: durationField('30d').optional(),
        })
        .refine((each) => each.token === undefined || each.app === undefined, {
          message: 'either token or app, not both',
          path: ['token'],
        }),
    },
    { kind: 'pager', schema: z.object({ pass: secret(), url: z.url().optional() }) },
  ],
  sinks: [{ kind: 'file', schema: z.strictObject({ path: filePath() }) }],
  channels: [{ kind: 'pigeon', schema: z.strictObject({ roof: z.string() }) }],
  alerts: z.strictObject({ builtIn: z.boolean().default(false) }),
}

export interface Surroundings {
  env?: Record<string, string>
  files?: Record<string, string>
  path?: string
}

export function load(
  text: string,
  { env = {}, files = {}, path = 'dorado.yaml' }: Surroundings = {},
): Config {
  const readFile = (file: string): string => {
    const content = files[file]
    if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${file}'`)
    return content
  }
  return loadConfig({ path, text, env, readFile, connectors })
}

/** The lines of the error that loading ends in. */
export function problemsIn(text: string, surroundings?: Surroundings): string[] {
  try {
    load(text, surroundings)
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  throw new Error('the configuration was accepted')
}
