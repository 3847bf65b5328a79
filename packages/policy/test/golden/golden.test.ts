// Every message of the parser and of the checks of a program, as a reader sees it. Each `NAME.cedar` here is a small mistake and
// `NAME.txt` beside it what is printed. `GOLDEN=write npx vitest run packages/policy/test/golden` writes them anew: read the difference.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { POLICY_ERRORS } from '../../src/errors.ts'
import type { Problem } from '../../src/problem.ts'
import { formatProblems } from '../../src/syntax/format-problem.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'

const names = readdirSync(import.meta.dirname).flatMap((file) => (file.endsWith('.cedar') ? [file.slice(0, -6)] : []))

function inputOf(name: string): string {
  return readFileSync(`${import.meta.dirname}/${name}.cedar`, 'utf8')
}

/** Small limits, so that a text that exceeds one can be read. */
const LIMITS: { readonly [name: string]: NonNullable<Parameters<typeof parsePolicies>[1]>['limits'] } = {
  'limit-height': { height: 4 },
  'limit-nesting': { nesting: 8 },
  'limit-policies': { policies: 2 },
  'limit-problems': { problems: 2 },
  'limit-string': { stringLength: 20 },
  'limit-text': { textBytes: 40 },
  'limit-tokens': { tokens: 12 },
}

function problemsOf(name: string, text: string): readonly Problem[] {
  return parsePolicies(text, { file: `${name}.cedar`, limits: LIMITS[name] ?? {} }).problems
}

describe('golden messages', () => {
  it('are many', () => expect(names.length).toBeGreaterThan(80))

  it.each(names)('%s', (name) => {
    const text = inputOf(name)
    const file = `${import.meta.dirname}/${name}.txt`
    const printed = `${formatProblems(problemsOf(name, text), new Map([[`${name}.cedar`, text]]))}\n`
    if (process.env['GOLDEN'] === 'write') writeFileSync(file, printed)
    expect(printed).toBe(existsSync(file) ? readFileSync(file, 'utf8') : 'a file that does not exist yet')
  })

  it('show every code of the parser', () => {
    const shown = new Set(names.flatMap((name) => problemsOf(name, inputOf(name)).map(({ code }) => code)))
    // half a surrogate pair is in no file: reading it as UTF-8 replaces it
    const codes = Object.keys(POLICY_ERRORS).filter((code) => code.startsWith('ERR_POLICY_SYNTAX_'))
    expect(codes.filter((code) => !shown.has(code))).toEqual(['ERR_POLICY_SYNTAX_UNICODE'])
  })

  it('suggest edits after which the problem is gone, and no other one is there', () => {
    const wrong: string[] = []
    let edits = 0
    for (const name of names) {
      const text = inputOf(name)
      const before = problemsOf(name, text)
      for (const { suggestion, message } of before) {
        if (suggestion === undefined) continue
        edits++
        const { span, text: edit } = suggestion
        const after = problemsOf(name, `${text.slice(0, span.start)}${edit}${text.slice(span.end)}`)
        const others = after.filter((problem) => !before.some((old) => old.message === problem.message))
        if (after.length >= before.length || others.length > 0) wrong.push(`${name}: ${message}`)
      }
    }
    expect(wrong).toEqual([])
    expect(edits).toBeGreaterThan(40)
  })
})
