// The last lines of a test run, for whoever reads only those: each test that was skipped for a reason, with it, then `N passed, N failed,
// N skipped`.

import type { Reporter, TestModule } from 'vitest/node'

export const plainSummary: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result()
        counts[result.state] += 1
        if (result.state === 'skipped' && result.note !== undefined) {
          console.log(`skipped: ${test.fullName} (${module.relativeModuleId}): ${result.note}`)
        }
      }
      // a file that could not be loaded has no tests, and has failed
      if (module.children.size === 0) counts.failed += 1
    }
    const skipped = counts.skipped + counts.pending
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${skipped} skipped`)
  },
}
