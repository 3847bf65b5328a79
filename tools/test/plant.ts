// A small repository with a planted fault, in a temporary folder, with the workspace's tools at hand.

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'

export const ROOT: string = resolve(import.meta.dirname, '..', '..')

/** Writes the files and returns the folder, which is removed after the test. */
export async function plant(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cardea-canary-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  for (const [name, text] of Object.entries({ '.gitignore': 'node_modules\n', ...files })) {
    const file = join(root, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  return root
}
