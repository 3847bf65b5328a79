// `size`: what a browser downloads, minified and compressed: the index, the index with each other path of the package, all of them, and
// what a page needs that only decides.

import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import type { Figure, Results } from '../report.ts'

const INDEX = '@cardea/policy'
/** The other paths of the package. */
const PATHS = ['codegen', 'mapping', 'explain', 'print', 'json', 'check', 'annotation', 'encoding'] as const

const ENTRIES: Readonly<Record<string, string>> = {
  index: everythingOf(),
  ...Object.fromEntries(PATHS.map((path) => [`index + ${path}`, everythingOf(path)])),
  'all paths': everythingOf(...PATHS),
  'parse and decide': `export { compileProgram, createEntities, createSchema, decide, parsePolicies } from '${INDEX}'`,
}

function everythingOf(...paths: readonly string[]): string {
  return [INDEX, ...paths.map((path) => `${INDEX}/${path}`)].map((name) => `export * from '${name}'`).join('\n')
}

export async function benchSize(): Promise<Results> {
  const figures: Figure[] = []
  for (const [name, code] of Object.entries(ENTRIES)) {
    const bundle = await bundleOf(code)
    figures.push({
      bench: 'size',
      case: `${name}, minified`,
      subject: INDEX,
      value: bundle.length,
      unit: 'bytes',
    })
    const value = gzipSync(bundle, { level: 9 }).length
    figures.push({ bench: 'size', case: name, subject: INDEX, value, unit: 'bytes' })
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
