// Canaries: each gate must fail on a planted fault, and none may pass while it looks at nothing.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dependencies } from '../gate/dependencies.ts'
import { documents } from '../gate/documents.ts'
import { format } from '../gate/format.ts'
import { passes } from '../gate/gate.ts'
import { layers } from '../gate/layers.ts'
import { lint } from '../gate/lint.ts'
import { packages } from '../gate/packages.ts'
import { types } from '../gate/types.ts'
import { plant, ROOT } from './plant.ts'

const manifest = (name: string, more: object = {}): string =>
  JSON.stringify({ name, version: '0.1.0', type: 'module', license: 'Apache-2.0', ...more })

const COMPILER = JSON.stringify({
  extends: './tsconfig.base.json',
  compilerOptions: { noEmit: true, isolatedDeclarations: false, declaration: false, declarationMap: false },
  include: ['src'],
})

async function own(name: string): Promise<string> {
  return readFile(join(ROOT, name), 'utf8')
}

async function biome(): Promise<string> {
  const settings = JSON.parse(await own('biome.json')) as Record<string, unknown>
  return JSON.stringify({ ...settings, vcs: { enabled: false } })
}

describe('a gate that looked at nothing has failed', () => {
  it('passes only with something looked at and nothing found', () => {
    expect(passes({ looked: 0, findings: [] })).toBe(false)
    expect(passes({ looked: 1, findings: ['x'] })).toBe(false)
    expect(passes({ looked: 1, findings: [] })).toBe(true)
  })

  it.each([
    ['layers', layers],
    ['documents', documents],
  ] as const)('%s, on an empty repository', async (_name, gate) => {
    const root = await plant({ 'packages/policy/package.json': manifest('@cardea/policy') })
    expect(passes(await gate.run(root))).toBe(false)
  })
})

describe('layers', () => {
  const rows = [
    ['imports a room that it may not', "import { a } from '@cardea/token'\n", /may not import @cardea\/token/],
    ['imports it dynamically', "const a = await import('@cardea/token')\n", /may not import @cardea\/token/],
    ['imports it for its types only', "import type { A } from '@cardea/token'\n", /may not import @cardea\/token/],
    ['exports it on', "export { a } from '@cardea/token'\n", /may not import @cardea\/token/],
    ['leaves the package', "import { a } from '../../token/src/index.ts'\n", /leaves the package/],
  ] as const
  it.each(rows)('%s', async (_name, text, finding) => {
    const root = await plant({
      'packages/policy/package.json': manifest('@cardea/policy'),
      'packages/policy/src/index.ts': text,
    })
    const result = await layers.run(root)
    expect(result.looked).toBe(1)
    expect(result.findings.join('\n')).toMatch(finding)
  })

  it('depends on a room that it may not', async () => {
    const root = await plant({
      'packages/policy/package.json': manifest('@cardea/policy', { dependencies: { '@cardea/guard': '0.1.0' } }),
      'packages/policy/src/index.ts': 'export const a = 1\n',
    })
    expect((await layers.run(root)).findings.join()).toMatch(/may not depend on @cardea\/guard/)
  })

  it('imports an allowed room without declaring it', async () => {
    const root = await plant({
      'packages/claims/package.json': manifest('@cardea/claims'),
      'packages/claims/src/index.ts': "import { a } from '@cardea/policy'\n",
    })
    expect((await layers.run(root)).findings.join()).toMatch(/does not declare/)
  })

  it('is no room of the house', async () => {
    const root = await plant({ 'packages/utils/package.json': manifest('@cardea/utils') })
    expect((await layers.run(root)).findings.join()).toMatch(/not a room/)
  })
})

describe('documents', () => {
  const rows = [
    ['a link that leads nowhere', { 'README.md': '[a](docs/gone.md)\n' }, /leads nowhere/],
    ['a heading that is not there', { 'README.md': '# A\n[a](#b)\n' }, /no such heading/],
    [
      'a code without a row',
      { 'README.md': '# A\n', 'packages/policy/src/errors.ts': "export const E = { ERR_POLICY_X: '' }\n" },
      /ERR_POLICY_X has no row/,
    ],
    ['a row without a code', { 'docs/errors.md': '| `ERR_POLICY_GONE` | x |\n' }, /declared by no package/],
  ] as const
  it.each(rows)('%s', async (_name, files, finding) => {
    expect((await documents.run(await plant({ ...files }))).findings.join('\n')).toMatch(finding)
  })
})

describe('tools of others', () => {
  it('format finds what Biome would change', async () => {
    const root = await plant({ 'biome.json': await biome(), 'src/a.ts': 'export const a   = 1;\n' })
    expect(passes(await format.run(root))).toBe(false)
  })

  it('lint finds an import cycle, through the TypeScript configuration', async () => {
    const root = await plant({
      '.oxlintrc.json': await own('.oxlintrc.json'),
      'tsconfig.base.json': await own('tsconfig.base.json'),
      'tsconfig.json': COMPILER,
      'src/a.ts': "import { b } from './b.ts'\n\nexport const a = (): number => b\n",
      'src/b.ts': "import { a } from './a.ts'\n\nexport const b: number = a()\n",
    })
    expect((await lint.run(root)).findings.join()).toMatch(/no-cycle/)
  })

  it('lint finds a promise that nobody waits for', async () => {
    const root = await plant({
      '.oxlintrc.json': await own('.oxlintrc.json'),
      'tsconfig.base.json': await own('tsconfig.base.json'),
      'tsconfig.json': COMPILER,
      'src/a.ts': 'async function a(): Promise<number> {\n  return 1\n}\n\nexport function b(): void {\n  a()\n}\n',
    })
    expect((await lint.run(root)).findings.join()).toMatch(/no-floating-promises/)
  })

  it('types finds a wrong call', async () => {
    const root = await plant({
      'tsconfig.base.json': await own('tsconfig.base.json'),
      'tsconfig.json': JSON.stringify({ files: [], references: [] }),
      'tsconfig.all.json': COMPILER,
      'src/a.ts': 'export const a: string = 1\n',
    })
    expect((await types.run(root)).findings.join()).toMatch(/TS2322/)
  })

  it('dependencies finds a package that nothing imports', async () => {
    const root = await plant({
      'package.json': manifest('canary', { main: 'src/a.ts', dependencies: { jose: '6.2.18' } }),
      'src/a.ts': 'export const a = 1\n',
    })
    expect((await dependencies.run(root)).findings.join()).toMatch(/jose/)
  })

  it('packages finds an export that is not in the package', async () => {
    const root = await plant({
      'package.json': manifest('canary', { private: true, workspaces: ['packages/*'] }),
      'packages/policy/package.json': manifest('@cardea/policy', {
        exports: { '.': './dist/index.js' },
        files: ['dist'],
      }),
    })
    expect((await packages.run(root)).findings.join()).toMatch(/dist\/index\.js/)
  })
})
