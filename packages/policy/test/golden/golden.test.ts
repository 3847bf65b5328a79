// Every message of the parser and of the checks of a program, as a reader sees it. Each `NAME.cedar` here is a small mistake and
// `NAME.txt` beside it what is printed. `GOLDEN=write npx vitest run packages/policy/test/golden` writes them anew: read the difference.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkGrants, checkProgram } from '../../src/check/program.ts'
import type { TemplateLink } from '../../src/compile/links.ts'
import { POLICY_ERRORS } from '../../src/errors.ts'
import type { Problem } from '../../src/problem.ts'
import { checkDefinition } from '../../src/schema/check-definition.ts'
import { formatProblems } from '../../src/print/format-problem.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import type { Expression, Policy } from '../../src/syntax/tree.ts'
import type { EntityUid } from '../../src/value/value.ts'

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

/** Checks of a program and of a definition: what is checked, and what the file beside this one says of it. */
const CHECKS: { readonly [name: string]: (policies: readonly Policy[]) => readonly Problem[] } = {
  'check-link-near': (policies) =>
    checkProgram(policies, [link({ template: 'veiwer', principal: ANN, resource: PLAN })]),
  'check-link-no-template': (policies) => checkProgram(policies, [link({ template: 'owner' })]),
  'check-link-empty-slot': (policies) => checkProgram(policies, [link({ template: 'viewer', principal: ANN })]),
  'check-link-no-slot': (policies) =>
    checkProgram(policies, [link({ template: 'editor', principal: ANN, resource: PLAN })]),
  'check-id-of-link': (policies) =>
    checkProgram(policies, [{ ...link({ template: 'viewer', principal: ANN, resource: PLAN }), id: 'owner' }]),
  'check-id-twice': (policies) => checkProgram([...policies, ...policies.slice(0, 1)], []),
  'check-depth': (policies) => checkProgram(policies.map(deepened), []),
  'check-grant-forbid': (policies) => checkGrants(policies, [link({ template: 'not-after', resource: PLAN })]),
  'check-definition': () =>
    checkDefinition({
      entities: {
        User: { parents: ['Teem'], attributes: { boss: { type: 'Entity', name: 'Usr' } } },
        Team: { parents: [], attributes: {} },
      },
      actions: {
        view: {
          uid: { type: 'Action', id: 'view' },
          memberOf: [],
          principals: ['User'],
          resources: ['Document'],
          context: {},
        },
      },
    }),
}

const ANN: EntityUid = { kind: 'entity', type: 'User', id: 'ann' }
const PLAN: EntityUid = { kind: 'entity', type: 'Document', id: 'plan' }

function link(parts: Omit<TemplateLink, 'id'>): TemplateLink {
  return { id: 'grant-1', ...parts }
}

/** The policy with a condition that no parser would make. */
function deepened(policy: Policy, index: number): Policy {
  if (index > 0) return policy
  let body: Expression = { kind: 'literal', value: true, span: policy.span }
  for (let depth = 0; depth < 2000; depth++) body = { kind: 'not', operand: body, span: policy.span }
  return { ...policy, conditions: [{ kind: 'when', body, span: policy.resource.span }] }
}

const CHECKED = 'checked.policies'

describe('golden messages of checks', () => {
  const text = readFileSync(`${import.meta.dirname}/${CHECKED}`, 'utf8')
  const { policies, problems } = parsePolicies(text, { file: CHECKED })
  const found = (name: string): readonly Problem[] => CHECKS[name]?.(policies) ?? []

  it('begin with policies that are right in themselves', () => expect(problems).toEqual([]))

  it.each(Object.keys(CHECKS))('%s', (name) => {
    expectGolden(name, formatProblems(found(name), new Map([[CHECKED, text]])))
  })

  it('show every code of the checks', () => {
    const codes = Object.keys(POLICY_ERRORS).filter((code) =>
      /^ERR_POLICY_(?:SCHEMA|DUPLICATE_ID|DEPTH|LINK_\w+|GRANT_\w+)$/.test(code),
    )
    expect(codes.length).toBeGreaterThan(5)
    const shown = new Set(Object.keys(CHECKS).flatMap((name) => found(name).map(({ code }) => code)))
    expect(codes.filter((code) => !shown.has(code))).toEqual([])
  })
})

/** Compares with the file, or writes it when it is asked to. */
function expectGolden(name: string, rendering: string): void {
  const file = `${import.meta.dirname}/${name}.txt`
  const printed = `${rendering}\n`
  if (process.env['GOLDEN'] === 'write') writeFileSync(file, printed)
  expect(printed).toBe(existsSync(file) ? readFileSync(file, 'utf8') : 'a file that does not exist yet')
}

describe('golden messages', () => {
  it('are many', () => expect(names.length).toBeGreaterThan(80))

  it.each(names)('%s', (name) => {
    const text = inputOf(name)
    expectGolden(name, formatProblems(problemsOf(name, text), new Map([[`${name}.cedar`, text]])))
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
