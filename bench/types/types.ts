// `types`: what the compiler pays for the generated API of a large schema: one program over a schema of 200 entity types and 500
// actions, and over one with only what the program uses, each checked by the repository's own `tsc` in a fresh folder.
// Our sources are checked with it, as they are in this repository; a service has our declarations instead, so look at the difference.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { createValidator, generateSchemaFile } from '@cardea/validate'
import { median } from '../harness.ts'
import { type Figure, type Results, round } from '../report.ts'
import { programText, schemaText, USED } from './program.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const LARGE = { types: 200, actions: 500 } as const
const RUNS = 3

export async function benchTypes(): Promise<Results> {
  const figures: Figure[] = []
  for (const { types, actions } of [USED, LARGE]) {
    const checks: Check[] = []
    for (let run = 0; run < RUNS; run += 1) checks.push(await check(types, actions))
    const subject = `${types} types`
    const figure = (name: keyof Check, unit: Figure['unit']): Figure => ({
      bench: 'types',
      case: `${actions} actions, ${name}`,
      subject,
      value: round(median(checks.map((each) => each[name]))),
      unit,
    })
    figures.push(figure('check time', 'ms'), figure('total time', 'ms'))
    figures.push(figure('instantiations', 'count'), figure('types', 'count'), figure('memory', 'bytes'))
  }
  return { figures }
}

/** What `tsc --extendedDiagnostics` says. */
interface Check {
  readonly 'check time': number
  readonly 'total time': number
  readonly instantiations: number
  readonly types: number
  readonly memory: number
}

async function check(types: number, actions: number): Promise<Check> {
  const folder = await mkdtemp(join(tmpdir(), 'cardea-types-'))
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    await writeFile(join(folder, 'schema.gen.ts'), await generated(types, actions))
    await writeFile(join(folder, 'program.ts'), programText())
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(CONFIGURATION))
    return readDiagnostics(await runCompiler(folder))
  } finally {
    await rm(folder, { recursive: true })
  }
}

const CONFIGURATION = {
  extends: join(ROOT, 'tsconfig.all.json'),
  compilerOptions: { types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')], incremental: false },
  include: ['*.ts'],
  exclude: [],
}

async function generated(types: number, actions: number): Promise<string> {
  const validator = createValidator()
  try {
    const { definition, problems } = await validator.parseSchema(schemaText(types, actions))
    if (definition === undefined) throw new Error(problems.map(({ message }) => message).join('; '))
    return generateSchemaFile(definition, { digest: 'sha256:0' })
  } finally {
    await validator.close()
  }
}

/** Rejects with what the compiler says if the program does not compile: its time would mean nothing. */
async function runCompiler(folder: string): Promise<string> {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const call = promisify(execFile)(process.execPath, [compiler, '-p', folder, '--extendedDiagnostics'])
  const { stdout } = await call.catch((error: { readonly stdout?: string }) => {
    const [first = 'no output'] = (error.stdout ?? '').split('\n')
    throw new Error(`the program does not compile: ${first}`)
  })
  return stdout
}

function readDiagnostics(output: string): Check {
  const read = (name: string): number => {
    const text = new RegExp(`^${name}:\\s+([\\d.,]+)`, 'm').exec(output)?.[1]
    if (text === undefined) throw new Error(`the compiler does not say \`${name}\``)
    return Number(text.replaceAll(',', ''))
  }
  return {
    'check time': read('Check time') * 1000,
    'total time': read('Total time') * 1000,
    instantiations: read('Instantiations'),
    types: read('Types'),
    memory: read('Memory used') * 1000,
  }
}
