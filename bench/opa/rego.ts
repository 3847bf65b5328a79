// Rego made of the policies, put to a stock OPA over loopback and to WebAssembly in this process. Both get the document that a guard's
// decider makes of the request.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createRestDecider, createWasmDecider, opaPolicyFiles, printOpaJson, type WasmDecider } from '@cardea/opa'
import type { RestDecider } from '@cardea/opa'
import { runCommand } from '../../tools/command.ts'
import { startOpa } from '../../tools/opa.ts'
import { FACTS, type Published } from './policies.ts'

export interface RegoDeciders {
  readonly wasm: WasmDecider
  readonly rest: RestDecider
  /** The same way for a number that stands in the data: HTTP and JSON without the policies. */
  readonly restOfNumber: RestDecider
  /** Of `opa build -t wasm`. */
  readonly buildMilliseconds: number
  close(): Promise<void>
}

const PATH = 'cardea/policy/decision'
/** So that nothing is timed that a slow machine has refused. */
const TIMEOUT_MS = 60_000

/** `command`: see `findOpa`. */
export async function startDeciders(command: string, published: Published): Promise<RegoDeciders> {
  const folder = await mkdtemp(join(tmpdir(), 'cardea-bench-opa-'))
  try {
    await writeRego(join(folder, 'rego'), published)
    const started = performance.now()
    const bundle = await buildWasm(command, folder)
    const buildMilliseconds = performance.now() - started
    const wasm = await createWasmDecider({ bundle, entrypoint: PATH })
    const opa = await startOpa({ command, args: ['--bundle', join(folder, 'rego')] })
    const restOf = (path: string): RestDecider => createRestDecider({ url: opa.url, path, timeoutMs: TIMEOUT_MS })
    return {
      wasm,
      rest: restOf(PATH),
      restOfNumber: restOf('cardea_data/settings/revision'),
      buildMilliseconds,
      close: () => opa.stop(),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function writeRego(folder: string, published: Published): Promise<void> {
  const { modules, data } = opaPolicyFiles(published, FACTS)
  for (const [name, text] of [...modules, ['data.json', printOpaJson(data)] as const]) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}

async function buildWasm(command: string, folder: string): Promise<Uint8Array> {
  const args = ['build', '-t', 'wasm', '-e', PATH, '-o', 'wasm.tar.gz', 'rego']
  const { code, output } = await runCommand(command, args, folder)
  if (code !== 0) throw new Error(`opa build failed: ${output.slice(-2000)}`)
  return readFile(join(folder, 'wasm.tar.gz'))
}
