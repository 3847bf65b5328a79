// What the checks say is so for every generated request: the evaluator is the judge. And what they stand on: the canonical form has the
// value of what was written, or errs as it does; a condition is true, or false, exactly where its literals say; what follows, follows.

import fc from 'fast-check'
import {
  compileProgram,
  createSchema,
  decide,
  entityUid,
  foldConstants,
  sameEntity,
  valueEquals,
  type Policy,
  type Request,
  type Schema,
} from '@cardea/policy'
import { beforeAll, describe, expect, it } from 'vitest'
import { lintPolicies, type Validator } from '../../src/index.ts'
import { canonical } from '../../src/lint/form/canonical.ts'
import { type Cube, cubesOf, type Literal } from '../../src/lint/form/cubes.ts'
import { wholeDomain } from '../../src/lint/form/domain.ts'
import { factsOf } from '../../src/lint/form/facts.ts'
import { createForms } from '../../src/lint/form/policy-form.ts'
import { createTyping, type Typing } from '../../src/lint/form/typing.ts'
import { sharedValidator } from '../fixture.ts'
import { conditions, outcomesOf, type Outcome, parsed, policyTexts, requests } from './generate.ts'
import { schema as source } from './world.ts'

const validator: Validator = sharedValidator()
let schema: Schema
let typing: Typing
beforeAll(async () => {
  const { definition } = await validator.parseSchema(source.text)
  if (definition === undefined) throw new Error('the schema of the tests is wrong')
  schema = createSchema(definition)
  typing = createTyping(schema, wholeDomain(schema))
})

/** Made once, because making them costs more than asking them. A run asks forty that stand together. */
const pool = fc.sample(requests, { numRuns: 2000, seed: 11 })
const some = fc.nat(pool.length - 40).map((start) => pool.slice(start, start + 40))

/** More runs than a test can wait for: `CARDEA_LINT_RUNS=50 npx vitest run packages/validate/test/lint`. */
const SCALE = Number(process.env['CARDEA_LINT_RUNS'] ?? 1)
const SLOW = { timeout: 120_000 * SCALE }

/** Runs a property, and says how often each thing that it is about came up. */
function counting(counts: Map<string, number>): (name: string) => void {
  return (name) => counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** A policy that is true where the expression is. */
function holding(node: Policy['conditions'][number]['body']): Policy {
  const [policy] = parsed(['permit (principal, action, resource) when { true };'])
  if (policy === undefined) throw new Error('no policy')
  return { ...policy, conditions: [{ kind: 'when', body: node, span: node.span }] }
}

function conditionOf(text: string): Policy {
  const [policy] = parsed([`permit (principal, action, resource) when { ${text} };`])
  if (policy === undefined) throw new Error('no policy')
  return policy
}

/** In which requests each literal of the cube evaluates to what it must. */
function whereAll(cube: Cube, asked: readonly Request[]): readonly boolean[] {
  const each = [...cube.values()].map(({ node, holds }: Literal) =>
    outcomesOf(holding(node), asked, schema).map((outcome) => outcome === String(holds)),
  )
  return asked.map((_, index) => each.every((literal) => literal[index]))
}

describe('the canonical form', () => {
  it('has the value of what was written, or errs as it does', SLOW, () => {
    const counts = new Map<string, number>()
    const count = counting(counts)
    fc.assert(
      fc.property(conditions, some, (text, asked) => {
        const policy = conditionOf(text)
        const body = policy.conditions[0]?.body
        if (body === undefined) throw new Error('no condition')
        const form = canonical(foldConstants(body), typing)
        const outcomes = outcomesOf(policy, asked, schema)
        expect(outcomesOf(holding(form), asked, schema)).toEqual(outcomes)
        // canonical twice is canonical
        expect(canonical(form, typing)).toEqual(form)
        for (const outcome of outcomes) count(outcome)
      }),
      { numRuns: 1000 * SCALE },
    )
    for (const outcome of ['true', 'false', 'errs']) expect(counts.get(outcome)).toBeGreaterThan(1000)
  })
})

describe('the ways of a condition', () => {
  it.each([true, false])('to be %s are all of them and no others', SLOW, (wanted) => {
    let ways = 0
    fc.assert(
      fc.property(conditions, some, (text, asked) => {
        const policy = conditionOf(text)
        const body = policy.conditions[0]?.body
        if (body === undefined) throw new Error('no condition')
        const cubes = cubesOf(canonical(foldConstants(body), typing), wanted, typing)
        if (cubes === undefined) return
        ways += cubes.length
        const sets = cubes.map((cube) => whereAll(cube, asked))
        const said = asked.map((_, index) => sets.some((set) => set[index]))
        expect(said).toEqual(outcomesOf(policy, asked, schema).map((outcome: Outcome) => outcome === String(wanted)))
      }),
      { numRuns: 500 * SCALE },
    )
    expect(ways).toBeGreaterThan(600)
  })
})

describe('facts', () => {
  it('are impossible, or imply, only where it is so', SLOW, () => {
    const counts = new Map<string, number>()
    const count = counting(counts)
    fc.assert(
      fc.property(fc.array(conditions, { minLength: 1, maxLength: 3 }), conditions, some, (given, asked, all) => {
        const cubesFor = (text: string): readonly Cube[] => {
          const body = conditionOf(text).conditions[0]?.body
          return body === undefined ? [] : (cubesOf(canonical(foldConstants(body), typing), true, typing) ?? [])
        }
        const cubes = cubesFor(given.map((text) => `(${text})`).join(' && ')).slice(0, 3)
        for (const cube of cubes) {
          const facts = factsOf(cube, typing)
          const where = whereAll(cube, all)
          if (facts.areImpossible) {
            count('impossible')
            expect(where).not.toContain(true)
            continue
          }
          for (const literal of cubesFor(asked).flatMap((each) => [...each.values()])) {
            for (const holds of [true, false]) {
              if (!facts.implies({ ...literal, holds })) continue
              count('implied')
              const also = whereAll(new Map([[literal.key, { ...literal, holds }]]), all)
              expect(where.filter((is, index) => is && also[index] !== true)).toEqual([])
            }
          }
        }
      }),
      { numRuns: 1000 * SCALE },
    )
    expect(counts.get('impossible')).toBeGreaterThan(30)
    expect(counts.get('implied')).toBeGreaterThan(30)
  })
})

describe('what is said of policies', () => {
  const sets = fc.tuple(
    fc.array(fc.oneof(policyTexts('permit'), policyTexts('forbid')), { minLength: 1, maxLength: 6 }),
    fc.nat(5),
  )

  it('is so in every request, under both rules', SLOW, () => {
    const counts = new Map<string, number>()
    const count = counting(counts)
    fc.assert(
      fc.property(sets, some, ([texts, again], asked) => {
        // a policy once more, with its conditions in another order: often the same, not always
        const policies = parsed([...texts, reordered(texts[again % texts.length] ?? '')])
        for (const { code, span, message } of lintPolicies(policies, schema.definition)) {
          const policy = policies.find(
            (each) => span !== undefined && each.span.start <= span.start && span.end <= each.span.end,
          )
          if (policy === undefined) throw new Error(`a finding without its policy: ${message}`)
          const otherId = /by `(p\d)`$|as `(p\d)`$/.exec(message)
          const other = policies.find(({ id }) => id === (otherId?.[1] ?? otherId?.[2]))
          count(code)
          if (code === 'ERR_VALIDATE_NEVER_APPLIES') {
            expect(outcomesOf(policy, asked, schema)).not.toContain('true')
          }
          if (code === 'ERR_VALIDATE_UNLOADED' && span !== undefined) {
            // read on its own, of a request in which the principal and the resource are all there is, and neither is behind the other
            const read = joined(texts, texts[again % texts.length] ?? '').slice(span.start, span.end)
            const isQuestion = read.includes(' has ')
            const alone = conditionOf(isQuestion ? read : `${read} == ${read}`)
            const outcomes = outcomesOf(alone, asked.filter(isUnrelated).map(asGuard), schema)
            expect(new Set(outcomes)).not.toContain('true')
          }
          if (code === 'ERR_VALIDATE_COVERED') {
            expect(other).toBeDefined()
            for (const forbidErrors of ['deny', 'skip'] as const) {
              const program = compileProgram([policy, ...(other === undefined ? [] : [other])], {
                schema,
                forbidErrors,
              })
              expect(asked.map((request) => decide(program, request).decision)).not.toContain('allow')
            }
          }
          if (code === 'ERR_VALIDATE_SAME') {
            expect(other?.effect).toBe(policy.effect)
            const [one, two] = [policy, other].map((each) =>
              each === undefined ? [] : outcomesOf(each, asked, schema),
            )
            const decisive = (outcome: Outcome): boolean | Outcome =>
              policy.effect === 'permit' ? outcome === 'true' : outcome
            expect(one?.map(decisive)).toEqual(two?.map(decisive))
          }
        }
      }),
      { numRuns: 1000 * SCALE },
    )
    for (const code of ['NEVER_APPLIES', 'COVERED', 'SAME', 'UNLOADED']) {
      expect(counts.get(`ERR_VALIDATE_${code}`), code).toBeGreaterThan(30)
    }
  })
})

describe('a permit of a `@sensitive` action of which nothing is said', () => {
  const factors = fc.constantFrom(
    'context has acr && context.acr == "mfa"',
    'context.mfa',
    'context has authTime && context.authTime < context.now',
    'principal.active',
  )
  const joiners = fc.constantFrom('&&', '||')
  const bodies = fc
    .tuple(factors, joiners, conditions, joiners, factors)
    .map(([one, first, other, second, last]) => `((${one}) ${first} (${other})) ${second} (${last})`)
  const scope = '(principal is User, action == Action::"purge", resource)'
  const texts = fc.tuple(
    bodies.map((body) => `permit ${scope} when { ${body} };`),
    fc.option(bodies.map((body) => `forbid ${scope} unless { ${body} };`)),
  )

  it('allows nothing where no second factor can be read', SLOW, () => {
    const counts = new Map<string, number>()
    const count = counting(counts)
    fc.assert(
      fc.property(texts, some, ([permit, forbid], asked) => {
        const policies = parsed(forbid === null ? [permit] : [permit, forbid])
        if (policies.map(createForms(schema)).some(({ holds }) => holds === undefined)) return
        const isSaid = lintPolicies(policies, schema.definition).some(({ code }) => code === 'ERR_VALIDATE_SENSITIVE')
        count(isSaid ? 'said' : 'not said')
        if (isSaid) return
        // a context that lacks what the schema requires: whatever reads it errs
        const without = asked.map((request) => ({
          ...request,
          action: entityUid('Action', 'purge'),
          context: new Map([...request.context].filter(([name]) => !['acr', 'authTime', 'mfa'].includes(name))),
        }))
        const program = compileProgram(policies, { schema })
        expect(without.map((request) => decide(program, request).decision)).not.toContain('allow')
      }),
      { numRuns: 500 * SCALE },
    )
    expect(counts.get('said')).toBeGreaterThan(30)
    expect(counts.get('not said')).toBeGreaterThan(30)
  })
})

/** The text of the policies as `parsed` makes it of these. */
function joined(texts: readonly string[], again: string): string {
  return [...texts, reordered(again)].map((each, index) => `@id("p${index}") ${each}`).join('\n')
}

/** What a guard has of a request: the principal and the resource. */
function asGuard(request: Request): Request {
  const { principal, resource, entities } = request
  return {
    ...request,
    entities: {
      get: (uid) => (sameEntity(uid, principal) || sameEntity(uid, resource) ? entities.get(uid) : undefined),
    },
  }
}

/** Neither the owner of the resource nor the manager of the principal is the principal. */
function isUnrelated({ principal, resource, entities }: Request): boolean {
  const others = [entities.get(resource)?.attributes.get('owner'), entities.get(principal)?.attributes.get('manager')]
  return others.every((other) => other === undefined || !valueEquals(other, principal))
}

/** Another order of its conditions. */
function reordered(text: string): string {
  const [head = '', ...parts] = text.slice(0, -1).split(/ (?=when \{|unless \{)/)
  return `${[head, ...parts.toReversed()].join(' ')};`
}
