// Every file is formatted as Biome would.

import { runCommand } from '../command.ts'
import type { Gate } from './gate.ts'

export const format: Gate = {
  name: 'format',
  async run(root) {
    const { code, output } = await runCommand('biome', ['format', '--max-diagnostics=20'], root)
    const looked = Number(/Checked (\d+) files?/.exec(output)?.[1] ?? 0)
    return { looked, findings: code === 0 ? [] : [output.trim()] }
  },
}
