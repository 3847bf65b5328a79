import { defineConfig } from 'vitest/config'
import { plainSummary } from './tools/plain-summary.ts'

export default defineConfig({
  resolve: { conditions: ['@cardea/source'] },
  ssr: { resolve: { conditions: ['@cardea/source'], externalConditions: ['@cardea/source'] } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
      'conformance/*.test.ts',
      'bench/test/**/*.test.ts',
      'tools/test/**/*.test.ts',
    ],
    reporters: ['default', plainSummary],
    globalSetup: ['tools/opa-setup.ts'],
    testTimeout: 20_000,
  },
})
