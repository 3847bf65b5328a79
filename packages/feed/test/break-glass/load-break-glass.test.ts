// The file of a break-glass statement: who may have written it, and what is no file at all.

import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadBreakGlass } from '../../src/index.ts'
import { codeOf } from '../fixture.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cardea-glass-'))
  file = join(folder, 'break-glass.jws')
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (text: string, mode = 0o644): void => {
  writeFileSync(file, text)
  chmodSync(file, mode)
}

describe('a break-glass file', () => {
  test('that is not there is none', () => {
    expect(loadBreakGlass(file)).toBeUndefined()
    expect(loadBreakGlass(join(file, 'deeper'))).toBeUndefined()
  })

  test.each([0o400, 0o440, 0o444, 0o600, 0o644])('that nobody else may write is read: mode %o', (mode) => {
    write('a.b.c\n', mode)
    expect(loadBreakGlass(file)).toBe('a.b.c')
  })

  test('is read through a link, as mounted files are', () => {
    write('a.b.c')
    symlinkSync(file, join(folder, 'link'))
    expect(loadBreakGlass(join(folder, 'link'))).toBe('a.b.c')
  })

  // only root can give a file away
  test.runIf(process.getuid?.() === 0)('of another user is refused', async () => {
    write('a.b.c')
    chownSync(file, 1, 0)
    expect(await codeOf(() => loadBreakGlass(file))).toBe('ERR_FEED_BREAK_GLASS_FILE')
  })

  const refused: readonly [string, () => void][] = [
    ['that its group may write', () => write('a.b.c', 0o664)],
    ['that all may write', () => write('a.b.c', 0o646)],
    ['that is too large', () => write('a'.repeat(65_539))],
    ['that is a folder', () => mkdirSync(file)],
    ['that is a pipe, without waiting for it', () => void execFileSync('mkfifo', ['-m', '600', file])],
    ['that leads in a circle', () => symlinkSync(file, file)],
  ]
  test.each(refused)('%s is refused', async (_name, make) => {
    make()
    expect(await codeOf(() => loadBreakGlass(file))).toBe('ERR_FEED_BREAK_GLASS_FILE')
  })
})
