// Everything compiles: what is published (`tsc -b`, which also makes `dist`), then sources, tests and tools as one program, in which
// the `@ts-expect-error` lines of the type tests prove that wrong calls do not compile, then each example as a project of its own.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import type { Gate } from './gate.ts'

export const types: Gate = {
  name: 'types',
  async run(root) {
    const projects = ['tsconfig.all.json', ...(await examplesOf(root))]
    const findings: string[] = []
    let looked = 0
    const build = await runCommand('tsc', ['-b'], root)
    if (build.code !== 0) findings.push(build.output.trim())
    for (const project of projects) {
      const listed = await runCommand('tsc', ['-p', project, '--listFilesOnly'], root)
      looked += listed.output.split('\n').filter((file) => file !== '' && !file.includes('node_modules')).length
      const checked = await runCommand('tsc', ['-p', project], root)
      if (checked.code !== 0) findings.push(checked.output.trim())
    }
    return { looked, findings }
  },
}

async function examplesOf(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'examples')).catch(() => [])
  return names.map((name) => join('examples', name, 'tsconfig.json'))
}
