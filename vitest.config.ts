import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const shared = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    // A worker that waits for a process of its own leaves its core to another.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', './test/counts-reporter.ts'],
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/process/**',
            'test/grafana/influxdb.test.ts',
            'test/**/*.long.test.ts',
            'node_modules/**',
          ],
          pool: 'threads',
          isolate: false,
        },
      },
      {
        test: {
          ...shared,
          name: 'process',
          include: ['test/process/**/*.test.ts', 'test/grafana/influxdb.test.ts'],
          exclude: ['test/**/*.long.test.ts', 'node_modules/**'],
          pool: 'forks',
        },
      },
    ],
  },
})
