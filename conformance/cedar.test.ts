// All case files in cedar/, and that the runner notices what is wrong: a gate that could pass while it looks at nothing
// has a canary here.

import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type Case, loadCases } from './case.ts'
import { checkCase } from './check-case.ts'
import { createSchemaReader } from './schema.ts'

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const FILES = readdirSync(pathOf('cedar')).filter((name) => /\.jsonl?(?:\.gz)?$/.test(name))
const CHUNK = 600
/** The tables hold 65 000 conditions, which two evaluators compile. */
const LONG_MILLISECONDS = 120_000

const chunks: { readonly title: string; readonly cases: readonly Case[] }[] = []
for (const file of FILES) {
  const cases = await loadCases(pathOf(`cedar/${file}`))
  for (let from = 0; from < cases.length; from += CHUNK) {
    chunks.push({ title: `${file} from case ${from + 1}`, cases: cases.slice(from, from + CHUNK) })
  }
}

describe('Cedar decides the same', () => {
  const readSchema = createSchemaReader()

  it('in as many cases as there are', () => {
    const published = ['cases.jsonl.gz', 'examples.json', 'handwritten.json', 'operators.jsonl.gz']
    // what the fuzzer found, if it found anything, is run with them
    expect(FILES.filter((name) => name !== 'found.jsonl').toSorted()).toEqual(published)
    const counted = chunks.filter(({ title }) => !title.startsWith('found'))
    expect(counted.reduce((sum, { cases }) => sum + cases.length, 0)).toBe(5012)
  })

  it.each(chunks)(
    '$title',
    ({ cases }) => {
      const outcomes = cases.flatMap((item) => checkCase(item, readSchema))
      expect(outcomes.length).toBeGreaterThanOrEqual(cases.length)
      expect(outcomes.filter(({ failure }) => failure !== undefined)).toEqual([])
    },
    LONG_MILLISECONDS,
  )
})

interface Run {
  readonly exitCode: number
  readonly output: string
}

function run(...args: readonly string[]): Promise<Run> {
  const options = { env: { ...process.env, NODE_OPTIONS: '--conditions=@cardea/source' } }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [pathOf('run.ts'), ...args], options, (_, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr })
    })
  })
}

describe('the runner', () => {
  it(
    'passes right cases in every file form',
    async () => {
      const forms = ['handwritten.json', 'operators.jsonl.gz'].map((name) => pathOf(`cedar/${name}`))
      const { exitCode, output } = await run(...forms)
      expect(output).toMatch(/\n390 passed, 0 failed\n$/)
      expect(exitCode).toBe(0)
    },
    LONG_MILLISECONDS,
  )

  it('fails every unit of the canary, which is wrong in each', async () => {
    const { exitCode, output } = await run(pathOf('test/wrong.jsonl'))
    expect(output).toMatch(/\n0 passed, 8 failed\n$/)
    expect(exitCode).toBe(1)
  })

  const misuses: readonly (readonly [name: string, args: readonly string[], message: RegExp])[] = [
    ['no file', [], /no case file is named/],
    ['a missing file', [pathOf('test/missing.json')], /cannot read .*missing\.json: no such file/],
    ['a folder', [pathOf('test')], /cannot read .*test: it is a folder/],
    ['a file without cases', [pathOf('test/empty.jsonl')], /no cases/],
    ['what is no JSON', [pathOf('run.ts')], /run\.ts:1: neither JSON nor a line of JSON/],
    ['what is no case', [pathOf('../package.json')], /case 1: `id` must be a text/],
    ['an unknown option', ['--fast'], /--fast/],
  ]
  it.each(misuses)('says in one line what is wrong with %s', async (_, args, message) => {
    const { exitCode, output } = await run(...args)
    const complaints = output.split('\n').filter((line) => line.startsWith('conformance: '))
    expect(complaints.length).toBe(1)
    expect(complaints[0]).toMatch(message)
    expect(output).not.toMatch(/^\s+at /m)
    expect(exitCode).toBe(1)
  })

  it('explains itself', async () => {
    const { exitCode, output } = await run('--help')
    expect(output).toMatch(/^Usage: npm run conformance/)
    expect(exitCode).toBe(0)
  })
})
