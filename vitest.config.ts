import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['@cardea/source'] },
  ssr: { resolve: { conditions: ['@cardea/source'], externalConditions: ['@cardea/source'] } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
      'conformance/*.test.ts',
      'tools/test/**/*.test.ts',
    ],
    testTimeout: 20_000,
  },
})
