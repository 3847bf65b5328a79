// `kill -9` at any moment: the file is never behind what the guard could have decided by.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parsePosition } from '../../src/index.ts'
import { readState } from '../../src/saved/saved-state.ts'
import { URL_OF_AUTHORITY } from '../authority-server.ts'
import { AUDIENCE } from '../fixture.ts'

const OWNER = { authority: URL_OF_AUTHORITY, audience: AUDIENCE, client: 'documents' }
const folder = mkdtempSync(join(tmpdir(), 'cardea-killed-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Ends it after so many positions were said; all that it said. */
async function killedAfter(file: string, count: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--conditions=@cardea/source', join(import.meta.dirname, 'child.ts'), file])
  let said = ''
  let errors = ''
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString()
    if (said.split('\n').length > count) child.kill('SIGKILL')
  })
  await once(child, 'close')
  expect(errors).toBe('')
  return said.split('\n').slice(0, -1)
}

test.each([1, 40, 700])(
  'killed after %d changes and a little',
  async (count) => {
    const file = join(folder, `${count}.state`)
    const said = await killedAfter(file, count)
    expect(said.length).toBeGreaterThanOrEqual(count)
    const last = parsePosition(said.at(-1) ?? '')
    const saved = readState(readFileSync(file), OWNER)
    expect(saved?.position.epoch).toBe(last.epoch)
    expect(saved?.position.seq).toBeGreaterThanOrEqual(last.seq)
    // what can be begun with has every revocation up to there
    if (saved?.ageSeconds === undefined || saved.lastHash === undefined) return
    const seqs = new Set(saved.revocations.map(({ at }) => at.seq))
    for (const text of said) expect(seqs).toContain(parsePosition(text).seq)
    expect(readdirSync(folder).filter((name) => name.endsWith('.new')).length).toBeLessThanOrEqual(1)
  },
  30_000,
)
