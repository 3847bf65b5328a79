// `cardea break-glass`: over HTTP from a running authority, beside its database while it is down, and looked at.

import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { startDev } from '../support/dev.ts'
import { freePort, makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf, type Result, start } from '../support/run.ts'

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 })
const dev = await startDev()
const at = (file: string): string => join(dev.cwd, file)

const AUDIENCE = 'https://notes.example'
const ASK = [
  'break-glass',
  '--audience',
  AUDIENCE,
  '--for',
  '2h',
  '--max-stale',
  '1h',
  '--reason',
  'the network is cut',
]

describe('cardea break-glass', () => {
  it('writes a statement, says where it goes and until when it holds, and the log says why', async () => {
    const { code, stdout, stderr } = await dev.cardea(...ASK, '--out', at('glass.jws'))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^break-glass [\w-]{36}\n/)
    expect(stdout).toMatch(/^ {2}until {6}\S+Z \((?:2 h|1 h 59 min) left\)$/m)
    expect(stdout).toContain('  news       at most 1 h old\n  actions    all\n  guards     all of the audience\n')
    expect(stdout).toContain('put it where the `breakGlassFile` of the guards points')
    expect((await stat(at('glass.jws'))).mode & 0o022).toBe(0)
    expect(await readFile(at('glass.jws'), 'utf8')).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/)
    const [, id = ''] = /^break-glass (\S+)/.exec(stdout) ?? []
    const log = await dev.cardea('log')
    expect(log.stdout).toMatch(new RegExp(`permit \\(break-glass ${id}, "the network is cut"\\) +breakGlass`))
  })

  it('prints JSON, and writes a file only when it is told to', async () => {
    const answer = await dev.json(...ASK, '--action', 'view', '--action', 'edit')
    expect(answer).toMatchObject({
      audience: AUDIENCE,
      maxStaleSeconds: 3600,
      actions: ['view', 'edit'],
      clients: null,
      killed: [],
      file: null,
      statement: expect.stringMatching(/^eyJ/),
    })
    await expect(stat(at('break-glass.jws'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it.each([
    ['without a reason', ASK.slice(0, -2), 'ERR_COMMAND_USAGE'],
    ['for no length of time', [...ASK, '--for', 'soon'], 'ERR_COMMAND_USAGE'],
    ['for more than a day', [...ASK, '--for', '25h'], 'ERR_COMMAND_USAGE'],
    ['for news of no age', [...ASK, '--max-stale', '0s'], 'ERR_COMMAND_USAGE'],
    ['for an action that is not there', [...ASK, '--action', 'fly'], 'the published schema has no action `fly`'],
    ['for a guard that is not there', [...ASK, '--client', 'nobody'], 'no guard of the audience has the id `nobody`'],
    ['into a folder that is not there', [...ASK, '--out', 'nowhere/glass.jws'], 'ERR_COMMAND_FILE'],
  ])('refuses %s', async (_name, args, expected) => {
    const result = await dev.cardea(...args)
    const { code, text } = errorOf(result)
    expect({ code, stdout: result.stdout }).toEqual({ code: 1, stdout: '' })
    expect(text).toContain(expected)
  })
})

describe('cardea break-glass inspect', () => {
  it('shows what a statement says, and whether the pinned keys signed it', async () => {
    const keys = await (await fetch(`${dev.url}/v1/bundle-keys`)).text()
    const other = await (await fetch(`${dev.url}/jwks`)).text()
    await writeFiles(dev.cwd, { 'keys.json': keys, 'other.json': other, 'none.jws': 'none' })
    await dev.cardea(...ASK, '--out', at('shown.jws'))
    const inspect = (...args: readonly string[]): Promise<Result> => dev.cardea('break-glass', 'inspect', ...args)
    const plain = await inspect(at('shown.jws'))
    expect(plain).toMatchObject({ code: 0, stdout: expect.stringContaining('NOT VERIFIED') })
    const verified = await inspect(at('shown.jws'), '--keys', at('keys.json'))
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('signed by one of the keys') })
    const json = JSON.parse((await inspect(at('shown.jws'), '--keys', at('keys.json'), '--json')).stdout)
    expect(json).toMatchObject({ audience: AUDIENCE, issuer: dev.url, verified: true })
    expect(errorOf(await inspect(at('shown.jws'), '--keys', at('other.json'))).text).toContain(
      'ERR_FEED_BREAK_GLASS_SIGNATURE',
    )
    expect(errorOf(await inspect(at('none.jws'))).text).toContain('ERR_FEED_BREAK_GLASS_FORMAT')
  })
})

describe('cardea break-glass --local', () => {
  it('makes one while the authority is down, from its database alone, and not while it runs', async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const audiences = [{ id: AUDIENCE }]
    const authority = { url, store: 'authority.sqlite', key: { file: 'key.txt' }, audiences }
    const cwd = await makeProject({
      'cardea.config.json': JSON.stringify({ authority: { ...authority, restored: true } }),
      'key.txt': `${randomBytes(32).toString('base64')}\n`,
    })
    const local = [...ASK, '--local', '-c', 'cardea.config.json']
    const run = (args: readonly string[]): Promise<Result> => cardea(args, { cwd })
    expect(errorOf(await run(local)).text).toContain('there is no database')

    const serving = start(['serve', '-c', 'cardea.config.json'], { cwd })
    await serving.printed(/listens on/)
    await writeFiles(cwd, { 'keys.json': await (await fetch(`${url}/v1/bundle-keys`)).text() })
    expect(errorOf(await run(local)).text).toContain('ERR_AUTHORITY_STORE_LOCKED')
    await serving.stop()

    expect(await run(local)).toMatchObject({ code: 0, stderr: '' })
    const inspect = ['break-glass', 'inspect', 'break-glass.jws', '--keys', 'keys.json', '--json']
    const first = JSON.parse((await run(inspect)).stdout)
    expect(first).toMatchObject({ audience: AUDIENCE, issuer: url, verified: true })
    // the epoch of the last start: a configuration that says `restored` begins none here
    expect(JSON.parse((await run([...local, '--json'])).stdout)).toMatchObject({ epoch: first.epoch })
  })
})
