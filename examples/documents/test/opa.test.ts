// The whole matrix of the policies through Rego made of them: a stock OPA and WebAssembly say what the policies say, cell by cell.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { runCommand } from '../../../tools/command.ts'
import { requireOpa, startOpa } from '../../../tools/opa.ts'

vi.setConfig({ testTimeout: 120_000 })

const EXAMPLE = join(import.meta.dirname, '..')
const ROOT = join(EXAMPLE, '..', '..')
const ENTRYPOINT = 'cardea/policy/decision'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cardea-example-opa-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function cardea(...args: readonly string[]): Promise<string> {
  const { code, output } = await runCommand('npx', ['cardea', ...args], EXAMPLE, ROOT)
  expect(`${code} ${output}`).toMatch(/^0 /)
  return output
}

test('through a stock OPA', async ({ skip }) => {
  const command = await requireOpa(skip)
  const rego = join(folder, 'rego')
  await cardea('opa', 'rego', '--out', rego)
  const opa = await startOpa({ command, args: [rego] })
  try {
    const output = await cardea('test', '--through', `${opa.url}/v1/data/${ENTRYPOINT}`)
    expect(output).toMatch(/^44 alike, 0 allowed only through the OPA, 0 allowed only by the policies$/m)
  } finally {
    await opa.stop()
  }
})

test('through WebAssembly', async ({ skip }) => {
  const command = await requireOpa(skip)
  const rego = join(folder, 'rego-wasm')
  await cardea('opa', 'rego', '--out', rego)
  const bundle = join(folder, 'bundle.tar.gz')
  const built = await runCommand(command, ['build', '-t', 'wasm', '-e', ENTRYPOINT, '-o', bundle, '.'], rego)
  expect(built).toMatchObject({ code: 0 })
  const output = await cardea('test', '--through', bundle)
  expect(output).toMatch(/^44 alike, 0 allowed only through the OPA, 0 allowed only by the policies$/m)
})
