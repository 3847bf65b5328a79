// What validation says, as a reader sees it. `NAME.cedar` is checked with `schema.cedarschema` and `NAME.cedarschema` on its own;
// `NAME.txt` beside it is what is printed. `GOLDEN=write npx vitest run packages/validate/test/golden` writes them anew: read the
// difference.

import type { Problem } from '@cardea/policy'
import { formatProblems } from '@cardea/policy/print'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkSources, type Source, type Sources, VALIDATE_ERRORS } from '../../src/index.ts'
import { sharedValidator } from '../fixture.ts'

const validator = sharedValidator()
const SCHEMA = 'schema.cedarschema'
const files = readdirSync(import.meta.dirname).filter((file) => /\.cedar(?:schema)?$/.test(file) && file !== SCHEMA)

function read(file: string): Source {
  return { file, text: readFileSync(`${import.meta.dirname}/${file}`, 'utf8') }
}

/** A policy file is one text, or several that are told apart by lines `// file: NAME`. */
function sourcesOf(file: string): Sources {
  const source = read(file)
  if (file.endsWith('schema')) return { schema: source, policies: [] }
  const parts = source.text.split(/^\/\/ file: (.+)\n/m)
  const several = parts
    .slice(1)
    .flatMap((name, index) => (index % 2 === 0 ? [{ file: name, text: parts[index + 2] ?? '' }] : []))
  return { schema: read(SCHEMA), policies: several.length > 0 ? several : [source] }
}

/** Where the rendering of an input stands. */
function expectedOf(file: string): string {
  return `${import.meta.dirname}/${file.replace(/\.cedar$/, '.txt').replace(/\.cedarschema$/, '.schema.txt')}`
}

async function problemsOf(sources: Sources): Promise<readonly Problem[]> {
  return (await checkSources(sources, validator)).problems
}

function textsOf({ schema, policies }: Sources): ReadonlyMap<string, string> {
  return new Map([schema, ...policies].map(({ file, text }) => [file, text]))
}

/** Codes that no small text shows, and where they are shown instead. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  // crashes, time and a closed validator: `cedar-worker.test.ts`, `check-sources.test.ts`
  'ERR_VALIDATE_CRASH',
  'ERR_VALIDATE_TIMEOUT',
  'ERR_VALIDATE_CLOSED',
  'ERR_VALIDATE_POLICY_CRASH',
  // an action of the schema, and the mappings of a project: `lint.test.ts`, `docs/language.md`
  'ERR_VALIDATE_SENSITIVE',
  'ERR_VALIDATE_UNMAPPED',
  // what a later Cedar may find and no form is known of
  'ERR_VALIDATE_POLICY',
])

describe('golden messages of validation', () => {
  it('are many', () => expect(files.length).toBeGreaterThan(60))

  it.each(files)('%s', async (file) => {
    const sources = sourcesOf(file)
    const expected = expectedOf(file)
    const printed = `${formatProblems(await problemsOf(sources), textsOf(sources))}\n`
    if (process.env['GOLDEN'] === 'write') writeFileSync(expected, printed)
    expect(printed).toBe(existsSync(expected) ? readFileSync(expected, 'utf8') : 'a file that does not exist yet')
  })

  it('show every code', async () => {
    const shown = new Set<string>()
    for (const file of files) for (const { code } of await problemsOf(sourcesOf(file))) shown.add(code)
    expect(Object.keys(VALIDATE_ERRORS).filter((code) => !shown.has(code) && !ELSEWHERE.has(code))).toEqual([])
  })

  it('never show the words that Cedar uses among itself', () => {
    const said = files.map((file) => readFileSync(expectedOf(file), 'utf8')).join('\n')
    expect(said).not.toMatch(/__cedar::internal|for policy `|\beid\b|error parsing|APPLIESTO/)
  })

  it('suggest edits after which the problem is gone', async () => {
    const wrong: string[] = []
    let edits = 0
    for (const file of files) {
      const sources = sourcesOf(file)
      const before = await problemsOf(sources)
      for (const { suggestion, message, span } of before) {
        if (suggestion === undefined) continue
        edits++
        // this one is asked only once nothing is wrong
        const after = (await problemsOf(edited(sources, suggestion))).filter(
          ({ code }) => code !== 'ERR_VALIDATE_UNLOADED',
        )
        const isThere = after.some((other) => other.message === message && other.span?.start === span?.start)
        if (isThere || after.length >= before.length) wrong.push(`${file}: ${message}`)
      }
    }
    expect(wrong).toEqual([])
    expect(edits).toBeGreaterThan(25)
  }, 60_000)
})

function edited({ schema, policies }: Sources, { span, text }: NonNullable<Problem['suggestion']>): Sources {
  const apply = (source: Source): Source =>
    source.file === span.file
      ? { ...source, text: `${source.text.slice(0, span.start)}${text}${source.text.slice(span.end)}` }
      : source
  return { schema: apply(schema), policies: policies.map(apply) }
}
