// knip: nothing is imported that is not declared, nothing declared or exported that is not used.

import { runCommand } from '../command.ts'
import type { Gate } from './gate.ts'

export const dependencies: Gate = {
  name: 'dependencies',
  async run(root) {
    const { code, output } = await runCommand('knip', ['--no-progress'], root)
    // knip prints nothing about how much it read; its exit code 2 says that it could not.
    return { looked: code === 2 ? 0 : 1, findings: code === 0 ? [] : [output.trim()] }
  },
}
