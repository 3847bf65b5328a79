// `size`: what a browser downloads, minified and compressed: the whole public index, that with generated code, and what a page
// needs that only decides.

import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import type { Figure, Results } from '../report.ts'

const ENTRIES: Readonly<Record<string, string>> = {
  'whole package': `export * from '@cardea/policy'`,
  'with generated code': `export * from '@cardea/policy'; export * from '@cardea/policy/codegen'`,
  'with bundles': `export * from '@cardea/policy'; export * from '@cardea/policy/encoding'`,
  'parse and decide': `export { compileProgram, createEntities, createSchema, decide, parsePolicies } from '@cardea/policy'`,
}

export async function benchSize(): Promise<Results> {
  const figures: Figure[] = []
  for (const [name, code] of Object.entries(ENTRIES)) {
    const bundle = await bundleOf(code)
    figures.push({
      bench: 'size',
      case: `${name}, minified`,
      subject: '@cardea/policy',
      value: bundle.length,
      unit: 'bytes',
    })
    const value = gzipSync(bundle, { level: 9 }).length
    figures.push({ bench: 'size', case: name, subject: '@cardea/policy', value, unit: 'bytes' })
  }
  return { figures }
}

const ENTRY = 'virtual:entry'

async function bundleOf(code: string): Promise<Buffer> {
  const build = await rolldown({
    input: ENTRY,
    cwd: import.meta.dirname,
    platform: 'browser',
    resolve: { conditionNames: ['@cardea/source', 'import', 'default'] },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === ENTRY ? ENTRY : undefined),
        load: (id) => (id === ENTRY ? code : undefined),
      },
    ],
  })
  const { output } = await build.generate({ format: 'esm', minify: true })
  await build.close()
  const [chunk] = output
  if (output.length !== 1) throw new Error(`one file was expected, there are ${output.length}`)
  return Buffer.from(chunk.code)
}
