// Everything compiles: what is published (`tsc -b`, which also makes `dist`), then sources, tests, examples and tools as one
// program, in which the `@ts-expect-error` lines of the type tests prove that wrong calls do not compile.

import { runCommand } from '../command.ts'
import type { Gate } from './gate.ts'

export const types: Gate = {
  name: 'types',
  async run(root) {
    const build = await runCommand('tsc', ['-b'], root)
    const all = await runCommand('tsc', ['-p', 'tsconfig.all.json', '--listFilesOnly'], root)
    const looked = all.output.split('\n').filter((file) => file !== '' && !file.includes('node_modules')).length
    const check = await runCommand('tsc', ['-p', 'tsconfig.all.json'], root)
    const findings = [build, check].filter((result) => result.code !== 0).map((result) => result.output.trim())
    return { looked, findings }
  },
}
