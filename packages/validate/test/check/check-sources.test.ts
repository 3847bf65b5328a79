import { describe, expect, it } from 'vitest'
import { checkSources, type Source } from '../../src/index.ts'
import { publishedCases, sharedValidator, spots } from '../fixture.ts'

const validator = sharedValidator()

const schema: Source = {
  file: 'app.cedarschema',
  text: `
    entity Team;
    entity User in [Team] { age: Long, name: String };
    entity Document in [Folder] { owner: User, title?: String };
    entity Folder in [Folder];
    action view, edit appliesTo { principal: User, resource: [Document, Folder], context: { ip: ipaddr } };`,
}

async function problemsOf(...texts: readonly string[]): Promise<readonly string[]> {
  const policies = texts.map((text, index) => ({ file: `${index}.cedar`, text }))
  const { problems } = await checkSources({ schema, policies }, validator)
  return spots(problems, Object.fromEntries([schema, ...policies].map(({ file, text }) => [file, text])))
}

describe('checkSources finds nothing wrong with', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['no policies', ''],
    ['a policy', '@id("a") permit(principal, action, resource);'],
    ['a template', '@id("t") permit(principal == ?principal, action == Action::"view", resource in ?resource);'],
    [
      'every kind of condition',
      '@id("a") permit(principal in Team::"x", action in [Action::"view", Action::"edit"], resource is Document) ' +
        'when { resource has title && resource.title like "a*" } unless { context.ip.isInRange(ip("10.0.0.0/8")) };',
    ],
  ]
  it.each(rows)('%s', async (_, text) => expect(await problemsOf(text)).toEqual([]))
})

describe('checkSources finds', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'a misspelt attribute',
      '@id("a") permit(principal, action, resource) when { principal.agee > 3 };',
      ['ERR_VALIDATE_ATTRIBUTE agee'],
    ],
    [
      'its place behind wide characters',
      '// ä€🎉\n@id("ä") permit(principal, action, resource)\nwhen { "🎉" == "ö" || principal.agee > 3 };',
      ['ERR_VALIDATE_ATTRIBUTE agee'],
    ],
    [
      'its place in the second policy',
      '@id("a") permit(principal, action, resource);\n\n  @id("b") forbid(principal, action, resource) when { principal.age == "x" };',
      ['ERR_VALIDATE_INCOMPATIBLE principal.age == "x"'],
    ],
    [
      'a misspelt action',
      '@id("a") permit(principal, action == Action::"vew", resource);',
      ['ERR_VALIDATE_ACTION Action::"vew"'],
    ],
    [
      'an optional attribute that is read without looking',
      '@id("a") permit(principal, action, resource is Document) when { resource.title == "x" };',
      ['ERR_VALIDATE_OPTIONAL title'],
    ],
    [
      'an error in a template',
      '@id("t") permit(principal == ?principal, action, resource) when { principal.agee > 3 };',
      ['ERR_VALIDATE_ATTRIBUTE agee'],
    ],
    [
      'a scope that fits no action',
      '@id("a") forbid(principal is Folder, action, resource);',
      ['ERR_VALIDATE_SCOPE principal is Folder'],
    ],
    [
      'a condition that is never true',
      '@id("a") permit(principal, action, resource) when { false };',
      ['ERR_VALIDATE_NEVER_APPLIES false'],
    ],
    [
      'a text in mixed scripts',
      '@id("a") permit(principal, action, resource) when { principal.name == "pаypal" };',
      ['ERR_VALIDATE_POLICY_WARNING "pаypal"'],
    ],
    [
      'a policy without an id',
      'permit(principal, action, resource);',
      ['ERR_VALIDATE_ID_MISSING permit(principal, action, resource'],
    ],
  ]
  it.each(rows)('%s', async (_, text, expected) => {
    const found = await problemsOf(text)
    expect(found).toEqual(expected)
  })

  it('an action group of another type of principal, with a hint', async () => {
    const text = '@id("a") permit(principal, action, resource) when { principal.agee > 3 };'
    const { problems } = await checkSources({ schema, policies: [{ file: 'a.cedar', text }] }, validator)
    expect(problems[0]?.hint).toMatch(/did you mean `age`/)
    expect(problems[0]?.message).not.toMatch(/policy `p\d/)
  })

  it('a template without an id, which is an error', async () => {
    const text = 'permit(principal == ?principal, action, resource);'
    const { problems } = await checkSources({ schema, policies: [{ file: 'a.cedar', text }] }, validator)
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([['ERR_VALIDATE_ID_MISSING', 'error']])
  })

  it('an id of another file', async () => {
    const policy = '@id("a") permit(principal, action, resource);'
    expect(await problemsOf(policy, policy)).toEqual(['ERR_VALIDATE_ID_DUPLICATE @id("a")'])
  })

  it('an id of a template in another file, at each policy that repeats it', async () => {
    const policy = '@id("a") permit(principal, action, resource);'
    const template = '@id("a") permit(principal == ?principal, action == Action::"view", resource);'
    const other = '@id("a") permit(principal is User, action, resource);'
    expect(await problemsOf(policy, template, other)).toEqual(Array(2).fill('ERR_VALIDATE_ID_DUPLICATE @id("a")'))
  })

  it('the id that a policy without one is called by', async () => {
    const named = '@id("policy1") permit(principal, action, resource);'
    const unnamed = 'permit(principal is User, action, resource);'
    expect((await problemsOf(named, unnamed)).toSorted()).toEqual([
      'ERR_VALIDATE_ID_DUPLICATE permit',
      'ERR_VALIDATE_ID_MISSING permit(principal is User, action, resource',
    ])
  })

  it('an empty id, in a template as an error', async () => {
    const policy = '@id permit(principal, action, resource);'
    const template = '@id("") permit(principal == ?principal, action == Action::"view", resource);'
    const { problems } = await checkSources(
      { schema, policies: [{ file: 'a.cedar', text: `${policy}\n${template}` }] },
      validator,
    )
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([
      ['ERR_VALIDATE_ID_MISSING', 'warning'],
      ['ERR_VALIDATE_ID_MISSING', 'error'],
    ])
  })

  it('an id of the same file, once', async () => {
    const policy = '@id("a") permit(principal, action, resource);'
    expect(await problemsOf(policy + policy)).toEqual(['ERR_POLICY_SYNTAX_DUPLICATE_ID @id("a")'])
  })

  it('a file that is given twice', async () => {
    const source = { file: 'a.cedar', text: '' }
    const { problems } = await checkSources({ schema, policies: [source, source] }, validator)
    expect(problems.map(({ code }) => code)).toEqual(['ERR_VALIDATE_FILE_DUPLICATE'])
  })

  it('everything of all files at once, sorted by file and place', async () => {
    const found = await problemsOf(
      '@id("a") permit(principal, action, resource) when { principal.agee > 3 };\npermt(principal, action, resource);',
      'permit(principal, action, resource);\n@id("b") permit(principal, action, resource) when { 1 };',
    )
    expect(found).toEqual([
      'ERR_VALIDATE_ATTRIBUTE agee',
      'ERR_POLICY_SYNTAX_EFFECT permt',
      'ERR_VALIDATE_ID_MISSING permit(principal, action, resource',
      'ERR_VALIDATE_TYPE 1',
    ])
  })

  it('problems of syntax also when the schema is wrong', async () => {
    const broken = { file: 'app.cedarschema', text: 'entity' }
    const policies = [{ file: 'a.cedar', text: 'permit(principal, action);' }]
    const checked = await checkSources({ schema: broken, policies }, validator)
    expect(checked.definition).toBeUndefined()
    expect(checked.problems.map(({ code }) => code)).toEqual(['ERR_POLICY_SYNTAX_SCOPE', 'ERR_VALIDATE_SCHEMA'])
  })

  it('which policy the validator does not survive, and goes on with the others', async () => {
    const deadly = `@id("long") permit(principal, action, resource)${' when { principal.age > 1 }'.repeat(2000)};`
    const other = (id: string) => `@id("${id}") permit(principal, action, resource) when { principal.agee > 3 };`
    const found = await problemsOf(`${other('a')}\n${other('b')}`, deadly, other('c'))
    expect(found.map((spot) => spot.slice(0, 60))).toEqual([
      'ERR_VALIDATE_ATTRIBUTE agee',
      'ERR_VALIDATE_ATTRIBUTE agee',
      `ERR_VALIDATE_POLICY_CRASH ${deadly}`.slice(0, 60),
      'ERR_VALIDATE_ATTRIBUTE agee',
    ])
  })

  it('only the first crashes of many, and says that it gave up', async () => {
    const deadly = (id: number) =>
      `@id("p${id}") permit(principal, action, resource)${' when { principal.age > 1 }'.repeat(2000)};`
    const found = await problemsOf(Array.from({ length: 12 }, (_, id) => deadly(id)).join('\n'))
    const codes = found.map((spot) => spot.split(' ')[0])
    expect(codes.filter((code) => code === 'ERR_VALIDATE_POLICY_CRASH')).toHaveLength(4)
    expect(codes).toContain('ERR_VALIDATE_CRASH')
  }, 60_000)
})

describe('checkSources reads a schema as a guard does', () => {
  const context = (text: string): string =>
    `entity U; action a appliesTo { principal: U, resource: U, context: { ${text} } };`
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'reserved context of the right types',
      context(
        'ip: ipaddr, now: datetime, acr: String, authTime?: datetime, device: String, tenant: String, client: String',
      ),
      [],
    ],
    ['an address as text', context('ip: String'), ['ERR_VALIDATE_SCHEMA_CONTEXT']],
    ['a time as number', context('now: Long, authTime: Long'), Array(2).fill('ERR_VALIDATE_SCHEMA_CONTEXT')],
    ['a limit on staleness', `@maxStale("1m30s") ${context('').replace('entity U; ', '')} entity U;`, []],
    ['one that is none', '@maxStale("soon") action a;', ['ERR_VALIDATE_SCHEMA_ANNOTATION']],
    ['one that is nothing', '@maxStale action a;', ['ERR_VALIDATE_SCHEMA_ANNOTATION']],
    ['one that nothing meets', '@maxStale("0s") action a;', ['ERR_VALIDATE_SCHEMA_ANNOTATION']],
  ]
  it.each(rows)('%s', async (_, text, codes) => {
    const { problems } = await checkSources({ schema: { file: 's', text }, policies: [] }, validator)
    expect(problems.map(({ code }) => code)).toEqual(codes)
  })
})

describe('validate', () => {
  it('gives the problems of `check`', async () => {
    const text = '@id("a") permit(principal, action, resource) when { principal.agee > 3 };'
    const sources = [{ file: 'a.cedar', text }]
    const { problems } = await checkSources({ schema, policies: sources }, validator)
    expect(await validator.validate({ schemaText: schema.text, schemaFile: schema.file, sources })).toEqual(problems)
    expect(problems).toHaveLength(1)
  })

  const cases = publishedCases(16, 7)
  it(`says of ${cases.length} published cases what they say`, async () => {
    expect(new Set(cases.map(({ shouldValidate }) => shouldValidate)).size).toBe(2)
    const wrong: string[] = []
    for (const { id, policy, schema: schemaText, shouldValidate } of cases) {
      const problems = await validator.validate({ schemaText, sources: [{ file: 'case.cedar', text: policy }] })
      const errors = problems.filter(({ severity }) => severity === 'error')
      if ((errors.length === 0) !== shouldValidate) wrong.push(id)
      for (const { span } of problems) expect(span?.start).toBeLessThanOrEqual(span?.end ?? -1)
    }
    expect(wrong).toEqual([])
  }, 60_000)
})
