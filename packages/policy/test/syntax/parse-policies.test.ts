import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { POLICY_ERRORS } from '../../src/errors.ts'
import type { SyntaxLimits } from '../../src/syntax/limits.ts'
import { parseExpression, parsePolicies } from '../../src/syntax/parse-policies.ts'
import { policyToJson } from '../../src/json/policy-to-json.ts'
import { printPolicy } from '../../src/print/print-policy.ts'
import { PROBLEMS } from './problems.ts'

const inCondition = (expression: string): string => `permit (principal, action, resource) when { ${expression} };`

describe('parsePolicies', () => {
  it('reads a policy with all its parts and places', () => {
    const text = [
      '// who may read',
      '@id("viewer") @doc',
      'permit (principal is User in ?principal, action in [Action::"view"], resource == ?resource)',
      'when { principal.level >= -9223372036854775808 }',
      'unless { resource["a b"] };',
    ].join('\n')
    const { policies, problems } = parsePolicies(text, { file: 'a.cedar' })
    expect(problems).toEqual([])
    const [policy] = policies
    expect(policy).toMatchObject({
      id: 'viewer',
      effect: 'permit',
      annotations: new Map([
        ['id', 'viewer'],
        ['doc', ''],
      ]),
      principal: { kind: 'is', type: 'User', in: { kind: 'slot', slot: 'principal' } },
      action: { kind: 'in', entities: [{ kind: 'entity', type: 'Action', id: 'view' }], list: true },
      resource: { kind: 'equal', entity: { kind: 'slot', slot: 'resource' } },
      slots: ['principal', 'resource'],
      conditions: [
        { kind: 'when', body: { kind: 'greaterEqual', right: { kind: 'literal', value: -9223372036854775808n } } },
        { kind: 'unless', body: { kind: 'attribute', name: 'a b' } },
      ],
    })
    const at = (span: { readonly start: number; readonly end: number } | undefined): string =>
      span === undefined ? '' : text.slice(span.start, span.end)
    expect(at(policy?.span)).toBe(text.slice(text.indexOf('@id')))
    expect(at(policy?.principal.span)).toBe('principal is User in ?principal')
    expect(at(policy?.action.span)).toBe('action in [Action::"view"]')
    expect(at(policy?.conditions[0]?.span)).toBe('when { principal.level >= -9223372036854775808 }')
    expect(at(policy?.conditions[0]?.body.span)).toBe('principal.level >= -9223372036854775808')
    expect(policy?.span.file).toBe('a.cedar')
  })

  it('names policies by annotation, else by position', () => {
    const text = ['@id("a")', '', '@id', '@id("")']
      .map((head) => `${head} permit (principal, action, resource);`)
      .join('\n')
    const ids = (options: Parameters<typeof parsePolicies>[1]): readonly string[] =>
      parsePolicies(text, options).policies.map(({ id }) => id)
    expect(ids({})).toEqual(['a', 'policy1', 'policy2', 'policy3'])
    expect(ids({ ids: 'position' })).toEqual(['policy0', 'policy1', 'policy2', 'policy3'])
    expect(ids({ firstPosition: 7 })).toEqual(['a', 'policy8', 'policy9', 'policy10'])
  })

  const longs: readonly (readonly [text: string, value: number | bigint])[] = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['000000000000000000000000000000000001', 1],
  ]
  it.each(longs)('reads %s without losing a digit', (text, value) => {
    expect(parseExpression(text).expression).toMatchObject({ kind: 'literal', value })
  })

  it('reads -0 as the one zero there is', () => {
    const { expression } = parseExpression('-0')
    expect(expression?.kind === 'literal' && Object.is(expression.value, 0)).toBe(true)
  })

  it('reads every escape of strings and patterns', () => {
    const { expression } = parseExpression(String.raw`"\n\r\t\\\0\'\"\x41\u{1F600}\u{4_1}é" like "\**\x2a\n"`)
    expect(expression).toMatchObject({
      of: { value: '\n\r\t\\\0\'"A😀Aé' },
      pattern: [{ kind: 'text', text: '*' }, { kind: 'wildcard' }, { kind: 'wildcard' }, { kind: 'text', text: '\n' }],
    })
  })

  it('keeps names that bite in JavaScript apart from its own', () => {
    const { expression } = parseExpression('{__proto__: 1, constructor: 2, "__proto__2": 3}')
    expect(expression?.kind === 'record' && [...expression.fields.keys()]).toEqual([
      '__proto__',
      'constructor',
      '__proto__2',
    ])
  })
})

describe('problems', () => {
  it.each(PROBLEMS)('%s', (_, { text, code, at, hint }) => {
    const { policies, problems } = parsePolicies(text)
    const [first] = problems
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(policies).toEqual([])
    expect(first?.span && text.slice(first.span.start, first.span.end)).toBe(at)
    if (hint !== undefined) expect(first?.hint).toContain(hint)
    expect(first?.message).toMatch(/^[^A-Z.](?:.*[^.])?$|^Cedar /u)
  })

  it('has a row for every code but limits and doubled ids, which stand below', () => {
    const expected = Object.keys(POLICY_ERRORS).filter(
      (code) => code.startsWith('ERR_POLICY_SYNTAX_') && !code.includes('_LIMIT_') && !code.endsWith('_DUPLICATE_ID'),
    )
    expect([...new Set(PROBLEMS.map(([, { code }]) => code as string))].toSorted()).toEqual(expected.toSorted())
  })

  it('are all found, each in its own policy, and the other policies are kept', () => {
    const text = [
      'permit (principal, action, resource) when { prinicpal.a };',
      '@id("good") permit (principal, action, resource);',
      'permit (principal, action, resource) when { 1 < 2 < 3; } ;',
      'forbid (principal, action, resource',
      'permit (principal, action, resource)',
      'forbid (principal, action);',
      '@id("also") forbid (principal, action, resource);',
    ].join('\n')
    const { policies, problems } = parsePolicies(text)
    expect(policies.map(({ id }) => id)).toEqual(['good', 'also'])
    expect(problems.map(({ code }) => code.replace('ERR_POLICY_SYNTAX_', ''))).toEqual([
      'VARIABLE',
      'CHAIN',
      'UNEXPECTED',
      'UNEXPECTED',
      'SEMICOLON',
      'SCOPE',
    ])
  })

  it('tell of an id that stands twice, also against a position', () => {
    const again = parsePolicies(
      'permit (principal, action, resource); @id("policy0") forbid (principal, action, resource);',
    )
    expect(again.policies.map(({ id }) => id)).toEqual(['policy0'])
    expect(again.problems.map(({ code }) => code)).toEqual(['ERR_POLICY_SYNTAX_DUPLICATE_ID'])
  })

  it('in the annotations take the whole policy with them, and its position', () => {
    const text = '@id(x) @doc("y") permit (principal, action, resource); forbid (principal, action, resource);'
    const { policies, problems } = parsePolicies(text)
    expect(policies.map(({ id, effect }) => [id, effect])).toEqual([['policy1', 'forbid']])
    expect(problems.length).toBe(1)
  })

  it('of one policy are found together', () => {
    const text = inCondition('a && principal.foo() && {b: 1, b: 2}.b == "\\q" && 9223372036854775808 == context.if')
    expect(parsePolicies(text).problems.map(({ code }) => code.replace('ERR_POLICY_SYNTAX_', ''))).toEqual([
      'VARIABLE',
      'METHOD',
      'DUPLICATE_KEY',
      'ESCAPE',
      'NUMBER',
      'RESERVED',
    ])
  })

  it('never hold what could act on a terminal', () => {
    const { problems } = parsePolicies('permit (principal, action, resource) when { "\\\u001b[31m" };')
    expect(problems.map(({ message }) => message).join('')).not.toMatch(/\p{Cc}/u)
  })
})

describe('limits', () => {
  const cases: readonly (readonly [name: string, code: string, limits: Partial<SyntaxLimits>, text: string])[] = [
    ['bytes', 'TEXT', { textBytes: 10 }, '"ééééé"'],
    ['tokens', 'TOKENS', { tokens: 10 }, inCondition('1')],
    ['policies', 'POLICIES', { policies: 1, tokens: 100 }, inCondition('true').repeat(2)],
    ['nesting', 'NESTING', {}, inCondition(`${'('.repeat(64)}1${')'.repeat(64)}`)],
    ['nesting of sets', 'NESTING', {}, inCondition('['.repeat(100_000))],
    ['nesting of ifs', 'NESTING', {}, inCondition('if '.repeat(100_000))],
    ['nesting in a scope', 'NESTING', {}, `permit (principal == ${'('.repeat(100_000)}`],
    ['a chain of &&', 'HEIGHT', {}, inCondition(Array(5000).fill('true').join(' && '))],
    ['a chain of +', 'HEIGHT', {}, inCondition(Array(5000).fill('1').join(' + '))],
    ['a chain of attributes', 'HEIGHT', {}, inCondition(`principal${'.a'.repeat(5000)}`)],
    ['string', 'STRING', { stringLength: 3 }, inCondition('"abcd"')],
  ]
  it.each(cases)('on %s', (_, code, limits, text) => {
    const { policies, problems } = parsePolicies(text, { limits })
    expect(problems[0]?.code).toBe(`ERR_POLICY_SYNTAX_LIMIT_${code}`)
    expect(policies.length).toBeLessThan(2)
  })

  it('let pass what is at the limit', () => {
    const texts = [
      `${'('.repeat(63)}1${')'.repeat(63)}`,
      Array(1000).fill('true').join(' && '),
      `"${'a'.repeat(65_536)}"`,
    ]
    const parsed = texts.map((text) => parsePolicies(inCondition(text)))
    expect(parsed.flatMap(({ problems }) => problems)).toEqual([])
    // and every other stage can walk it
    const printed = parsed.flatMap(({ policies }) => policies.map(printPolicy))
    expect(printed.map((text) => parsePolicies(text).problems)).toEqual([[], [], []])
    expect(JSON.stringify(parsed.flatMap(({ policies }) => policies.map(policyToJson))).length).toBeGreaterThan(1000)
  })

  it('stop collecting problems, and then keep no policy that might have one', () => {
    const { policies, problems } = parsePolicies(inCondition('a || b').repeat(1000), { limits: { problems: 3 } })
    expect(problems.map(({ code }) => code.replace('ERR_POLICY_SYNTAX_', ''))).toEqual([
      'VARIABLE',
      'VARIABLE',
      'VARIABLE',
      'LIMIT_PROBLEMS',
    ])
    expect(policies).toEqual([])
  })
})

describe('hostile texts', () => {
  const head = 'permit (principal, action, resource) when { '
  const texts: readonly (readonly [name: string, text: string])[] = [
    ['comments', '//\n'.repeat(2_600_000)],
    ['parentheses', '('.repeat(1_000_000)],
    ['quotes', '"a\n'.repeat(500_000)],
    ['one long string', `"${'a'.repeat(4_000_000)}`],
    ['escapes', `${head}"${'\\q'.repeat(30_000)}" };`],
    ['negations', `${head}${'!'.repeat(1_000_000)}`],
    ['records', `${head}${'{a: '.repeat(300_000)}`],
    ['digits', `${head}${'9'.repeat(4_000_000)} };`],
    ['attributes', `${head}principal${'.a'.repeat(500_000)} };`],
    ['annotations', '@a '.repeat(500_000)],
    ['words', 'permit '.repeat(500_000)],
  ]
  it.each(texts)('of many %s are answered', (_, text) => {
    const { policies, problems } = parsePolicies(text)
    expect(policies).toEqual([])
    expect(problems.length).toBeLessThanOrEqual(201)
  })

  it('never make it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const { policies, problems } = parsePolicies(`@id("a") permit (${text}`)
        expect(problems.length > 0 || policies.length > 0).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('parseExpression', () => {
  it('wants the whole text', () => {
    expect(parseExpression('1 + 2 3').problems[0]?.code).toBe('ERR_POLICY_SYNTAX_UNEXPECTED')
    expect(parseExpression('').problems[0]?.code).toBe('ERR_POLICY_SYNTAX_UNEXPECTED')
    expect(parseExpression('a').expression).toBeUndefined()
  })
})
