// The program of the page on residuals prints what the page says. (That it compiles is the test of all documents.)

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runCommand } from '../command.ts'
import { ROOT } from './plant.ts'

it('prints what it says', { timeout: 60_000 }, async () => {
  const page = await readFile(join(ROOT, 'docs', 'residual.md'), 'utf8')
  const fence = (language: string): string => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? ''
  // inside the repository, where the packages are found; git ignores it
  const folder = join(ROOT, '.cardea', 'documents')
  await mkdir(folder, { recursive: true })
  const project = await mkdtemp(join(folder, 'run-'))
  try {
    await writeFile(join(project, 'page.ts'), fence('ts'))
    const { code, output } = await runCommand('node', ['--conditions=@cardea/source', join(project, 'page.ts')], ROOT)
    expect(output).toBe(fence('text'))
    expect(code).toBe(0)
  } finally {
    await rm(project, { recursive: true, force: true })
  }
})
