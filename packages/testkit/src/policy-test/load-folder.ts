// Reads the `*.cedar` files of a folder, sorted by name.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PolicySource } from '../world.ts'

export function loadFolder(folder: string): PolicySource[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cedar'))
    .sort()
    .map((name) => ({ file: join(folder, name), text: readFileSync(join(folder, name), 'utf8') }))
}
