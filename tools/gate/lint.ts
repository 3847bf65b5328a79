// oxlint with type information. `no-cycle` goes silent when the TypeScript configuration cannot be read, so the canary
// of this gate plants a cycle.

import { runCommand } from '../command.ts'
import type { Gate } from './gate.ts'

export const lint: Gate = {
  name: 'lint',
  async run(root) {
    const { code, output } = await runCommand('oxlint', [], root)
    const looked = Number(/on (\d+) files?/.exec(output)?.[1] ?? 0)
    return { looked, findings: code === 0 ? [] : [output.trim()] }
  },
}
