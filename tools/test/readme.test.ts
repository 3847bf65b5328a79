// The README's first screen is true: its policy and its program are those of examples/first, and it prints what it says.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runCommand } from '../command.ts'
import { ROOT } from './plant.ts'

const readme = await readFile(join(ROOT, 'README.md'), 'utf8')

/** The first fence of a language. */
function fence(language: string): string {
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? ''
}

async function example(name: string): Promise<string> {
  return readFile(join(ROOT, 'examples', 'first', name), 'utf8')
}

it('shows the policy and the program as they are', async () => {
  expect(fence('cedar')).toBe(await example('policy/policies.cedar'))
  expect(fence('ts')).toBe(await example('first.ts'))
  expect(fence('cedar').trim().split('\n').length).toBe(3)
})

it('prints what it says, as it stands', async () => {
  const { code, output } = await runCommand('node', ['--conditions=@cardea/source', 'examples/first/first.ts'], ROOT)
  const printed = output
    .split('\n')
    .filter((line) => !line.startsWith('{"level"'))
    .join('\n')
  expect(printed).toBe(fence('text'))
  expect(code).toBe(0)
})

it('shows it all on the first screen', () => {
  const [first = ''] = readme.split('npm ci && npm run demo')
  expect(first.split('\n').length).toBeLessThan(60)
})
