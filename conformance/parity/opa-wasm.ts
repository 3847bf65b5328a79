// The same modules as WebAssembly, made by `opa build -t wasm` and run in this process.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runCommand } from '../../tools/command.ts'
import { compileModule, loadPolicySync } from '../../packages/opa/src/decider/wasm-sdk.ts'
import { printOpaJson } from '@cardea/opa'
import type { Batch, RegoAnswers, RegoEngine } from './engine.ts'

const ENTRYPOINT = 'parity/all/answers'
/** 64 KiB each: from 2 MiB to 1 GiB. */
const MEMORY_PAGES = { initial: 32, maximum: 16_384 }

export function createOpaWasm(command: string): RegoEngine {
  return {
    name: 'opa-wasm',
    async ask({ modules, data }: Batch): Promise<RegoAnswers> {
      const folder = await mkdtemp(join(tmpdir(), 'cardea-parity-wasm-'))
      try {
        for (const [path, text] of modules) {
          await mkdir(dirname(join(folder, 'rego', path)), { recursive: true })
          await writeFile(join(folder, 'rego', path), text)
        }
        const args = ['build', '-t', 'wasm', '-e', ENTRYPOINT, '-o', 'bundle.tar.gz', 'rego']
        const built = await runCommand(command, args, folder)
        if (built.code !== 0) throw new Error(`opa build failed: ${built.output.slice(-2000)}`)
        await runCommand('tar', ['xzf', 'bundle.tar.gz', '--strip-components=0', '-C', folder], folder)
        const instance = loadPolicySync(
          await compileModule(await readFile(join(folder, 'policy.wasm'))),
          MEMORY_PAGES,
          {},
        )
        instance.setData(bufferOf(printOpaJson(data)))
        const [answer] = instance.evaluate(bufferOf('{}'), ENTRYPOINT) as readonly { readonly result: RegoAnswers }[]
        if (answer === undefined) throw new Error('the WebAssembly answers nothing')
        return answer.result
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    close: () => Promise.resolve(),
  }
}

function bufferOf(text: string): ArrayBuffer {
  const bytes = new TextEncoder().encode(text)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}
