// What npm would publish works without the workspace: all packages packed, installed into an empty folder, the command and the README's
// program run there. Packed packages hold JavaScript, since Node strips no types inside `node_modules`.

import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandResult, runCommand } from '../command.ts'
import { ROOT } from './plant.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cardea-packed-'))
  expect(await runCommand('tsc', ['-b'], ROOT)).toMatchObject({ code: 0 })
  const packages = await readdir(join(ROOT, 'packages'))
  const workspaces = packages.flatMap((name) => ['-w', join('packages', name)])
  expect(
    await runCommand('npm', ['pack', '--silent', '--pack-destination', folder, ...workspaces], ROOT),
  ).toMatchObject({ code: 0 })
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith('.tgz')).map((name) => `./${name}`)
  expect(tarballs.length).toBe(packages.length)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
  const installed = await runCommand(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs, 'fastify@5.12.8', 'kysely@0.29.9'],
    folder,
  )
  expect(installed.code, installed.output).toBe(0)
}, 300_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs something in the empty folder, without the condition that makes the workspace use sources. */
async function run(command: string, ...args: string[]): Promise<CommandResult> {
  const before = process.env['NODE_OPTIONS']
  delete process.env['NODE_OPTIONS']
  try {
    return await runCommand(command, args, folder, ROOT)
  } finally {
    if (before !== undefined) process.env['NODE_OPTIONS'] = before
  }
}

describe('the packed packages', () => {
  it('run the command', async () => {
    const result = await run('node', 'node_modules/.bin/cardea', '--version')
    expect(result).toEqual({ code: 0, output: '0.1.0\n' })
  })

  it("run the README's program", async () => {
    for (const name of ['first.ts', 'issuer.ts', 'schema.gen.ts', 'policy']) {
      await cp(join(ROOT, 'examples', 'first', name), join(folder, name), { recursive: true })
    }
    const here = await runCommand('node', ['--conditions=@cardea/source', 'examples/first/first.ts'], ROOT)
    const packed = await run('node', 'first.ts')
    expect(packed.output).toBe(here.output)
    expect(packed.output).toMatch(/^allow\ndeny: /m)
    expect(packed.code).toBe(0)
  })

  it('start a new project: init, check, test, generate', async () => {
    expect((await run('node', 'node_modules/.bin/cardea', 'init', 'fresh')).code).toBe(0)
    for (const command of ['check', 'test', 'generate']) {
      const result = await run('node', 'node_modules/.bin/cardea', command, '--config', 'fresh/cardea.config.ts')
      expect(result.code, `${command}: ${result.output}`).toBe(0)
    }
  })
})
