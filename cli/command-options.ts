import type { Config } from '../config/config.ts'

/** What the options of commands share. Each command's code is loaded when it is called. */
export const defaultConfigPath = 'dorado.yaml'

export async function configOf(path: string): Promise<Config> {
  const { readConfig } = await import('./context.ts')
  return readConfig(path)
}

export const configOption = ['--config <file>', 'the configuration', defaultConfigPath] as const
export const formatOption = (formats: string) => ['--format <format>', formats, 'table'] as const

export async function end(code: number | Promise<number>): Promise<void> {
  process.exitCode = await code
}
