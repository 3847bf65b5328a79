// Temporary folders: with the files of `cardea init` and a few changes, or with nothing but some files.

import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** File name to content. */
export type Files = Readonly<Record<string, string>>

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const TEMPLATES = fileURLToPath(new URL('../../templates', import.meta.url))

const made: string[] = []
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))))

/** A folder in which the packages of the workspace are installed. Removed when the file's tests have ended. */
export async function makeFolder(files: Files = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cardea-command-'))
  made.push(folder)
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
  await writeFiles(folder, files)
  return folder
}

/** What `cardea init` writes, with some files replaced or added. */
export async function makeProject(files: Files = {}): Promise<string> {
  const folder = await makeFolder()
  await cp(TEMPLATES, folder, { recursive: true })
  await writeFiles(folder, files)
  return folder
}

export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}

/** A port of loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new TypeError('a server on a port has a port')
  return address.port
}
