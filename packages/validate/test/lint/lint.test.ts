// Each check where it must say something, and beside it a near twin where it must not.

import { describe, expect, it } from 'vitest'
import { checkSources } from '../../src/index.ts'
import { VALIDATE_ERRORS } from '../../src/errors.ts'
import { CHECKS } from '../../src/lint/checks.ts'
import { sharedValidator } from '../fixture.ts'
import { lintText, schema } from './world.ts'

const validator = sharedValidator()

/** One policy for an action that nothing else is said of. */
const edit = (
  conditions: string,
  scope = 'principal is User, action == Action::"edit", resource is Document',
): string => `@id("a") permit (${scope}) ${conditions};`

/** What is said: a code, and the text at its place or what its message matches. */
type Said = readonly [code: string, at: string | RegExp]

/** Nothing is said where there is no third. */
type Row = readonly [name: string, text: string, ...said: readonly Said[]]

const cases = (rows: readonly Row[]) => rows.map(([name, text, ...said]) => ({ name, text, said }))

async function expectSaid(
  text: string,
  said: readonly (readonly [code: string, at: string | RegExp])[],
): Promise<void> {
  const found = await lintText(validator, text)
  expect(found.map(({ code }) => code)).toEqual(said.map(([code]) => code))
  for (const [index, [, at]] of said.entries()) {
    if (typeof at === 'string') expect(found[index]?.at).toBe(at)
    else expect(found[index]?.message).toMatch(at)
  }
}

describe('a policy that no request can meet', () => {
  const never = (at: string | RegExp) => ['NEVER_APPLIES', at] as const
  const rows: readonly Row[] = [
    ['two constants', edit('when { principal.name == "a" && principal.name == "b" }'), never('principal.name == "b"')],
    ['one constant, twice', edit('when { principal.name == "a" && principal.name == "a" }')],
    ['alternatives', edit('when { principal.name == "a" || principal.name == "b" }')],
    [
      'a constant by way of another term',
      edit(
        'when { principal.name == resource.owner.name && resource.owner.name == "b" && resource.owner == principal } unless { principal.name != "a" }',
      ),
      never(/are never true together|exclude each other/),
    ],
    [
      'a condition and its opposite',
      edit('when { resource.classified } unless { resource.classified }'),
      never(/`resource.classified` and `!resource.classified` exclude/),
    ],
    ['a condition and another', edit('when { resource.classified } unless { principal.active }')],
    [
      'bounds that exclude each other',
      edit('when { principal.age > 5 } when { principal.age < 6 }'),
      never(/`principal.age > 5` and `principal.age < 6` exclude/),
    ],
    ['bounds that leave one number', edit('when { principal.age > 5 } when { principal.age < 7 }')],
    [
      'bounds by way of an equality',
      edit('when { principal.age == 3 && principal.age >= resource.size && resource.size > 3 }'),
      never(/exclude|together/),
    ],
    [
      'times',
      edit('when { context.now < datetime("2020-01-01") && context.now >= datetime("2021-01-01") }'),
      never(/exclude/),
    ],
    [
      'a window of time',
      edit('when { context.now >= datetime("2020-01-01") && context.now < datetime("2021-01-01") }'),
    ],
    [
      'decimals',
      edit('when { resource.price.lessThan(decimal("1.5")) && resource.price.greaterThanOrEqual(decimal("1.5")) }'),
      never(/exclude/),
    ],
    [
      'a decimal between',
      edit(
        'when { resource.price.lessThanOrEqual(decimal("1.5")) && resource.price.greaterThanOrEqual(decimal("1.5")) }',
      ),
    ],
    [
      'networks apart',
      edit('when { context.ip.isInRange(ip("10.0.0.0/8")) && context.ip.isInRange(ip("192.168.0.0/16")) }'),
      never('context.ip.isInRange(ip("192.168.0.0/16"))'),
    ],
    [
      'a network within another',
      edit('when { context.ip.isInRange(ip("10.0.0.0/8")) && context.ip.isInRange(ip("10.1.0.0/16")) }'),
    ],
    [
      'a network within one that is refused',
      edit('when { context.ip.isInRange(ip("10.1.0.0/16")) } unless { context.ip.isInRange(ip("10.0.0.0/8")) }'),
      never(/exclude/),
    ],
    ['beginnings of a text', edit('when { principal.name like "a*" && principal.name like "b*" }'), never(/exclude/)],
    ['a beginning and its beginning', edit('when { principal.name like "a*" && principal.name like "ab*" }')],
    ['a text and its pattern', edit('when { principal.name == "b" && principal.name like "a*" }'), never(/exclude/)],
    [
      'a scope and a condition',
      edit('when { principal == User::"b" }', 'principal == User::"a", action == Action::"edit", resource'),
      never(/`principal == User::"a"` and `principal == User::"b"` exclude/),
    ],
    [
      'a hierarchy that the schema does not have',
      edit('when { resource in Folder::"f" && principal in Folder::"f" }'),
      never('principal in Folder::"f"'),
    ],
    ['one that it has', edit('when { resource in Folder::"f" && principal in Team::"x" }')],
    [
      'a type that the action does not take',
      edit('when { resource is Folder }', 'principal, action == Action::"edit", resource'),
      never('resource is Folder'),
    ],
    ['a type that it takes', edit('when { resource is Folder }', 'principal, action == Action::"view", resource')],
    [
      'an action out of the scope',
      edit('when { action == Action::"view" }', 'principal, action in [Action::"edit"], resource'),
      never('action == Action::"view"'),
    ],
    [
      'types that no action of the scope takes together',
      edit(
        'when { principal is Client && resource has size && action != Action::"view" }',
        'principal, action, resource is Document',
      ),
      never(/never|exclude/),
    ],
    [
      'an attribute that is read and absent',
      edit('when { !(resource has title) && resource has title }'),
      never(/exclude/),
    ],
    [
      'every alternative',
      edit('when { principal.name == "a" && (principal.name == "b" || principal.name == "c") }'),
      never(/exclude/),
    ],
    ['all but one alternative', edit('when { principal.name == "a" && (principal.name == "b" || principal.active) }')],
    ['a literal', edit('when { false }'), never('false')],
    [
      'more alternatives than are looked at',
      edit(
        `when { ${Array.from({ length: 8 }, (_, index) => `(principal.age == ${index} || resource.size == ${index})`).join(' && ')} }`,
      ),
    ],
  ]
  it.each(cases(rows))('$name', ({ text, said }) => expectSaid(text, said))

  it('is said once, with each condition that takes part in it', async () => {
    const text = edit('when { principal.active && principal.age > 5 && resource.size > 1 && principal.age < 3 }')
    const policies = [{ file: 'a.cedar', text }]
    const { problems } = await checkSources({ schema, policies }, validator)
    const [problem, ...others] = problems
    expect(others).toEqual([])
    expect(problem).toMatchObject({ severity: 'warning', code: 'ERR_VALIDATE_NEVER_APPLIES' })
    const at = (span: { readonly start: number; readonly end: number } | undefined) =>
      text.slice(span?.start, span?.end)
    expect([at(problem?.span), ...(problem?.labels ?? []).map(({ span }) => at(span))]).toEqual([
      'principal.age < 3',
      'principal.age > 5',
    ])
  })
})

describe('a permit that a forbid covers', () => {
  const pair = (permit: string, forbid: string): string => `${edit(permit)} @id("f") forbid (${forbid});`
  const isCovered = ['COVERED', /forbidden by `f`/] as const
  const all = 'principal, action, resource'
  const document = 'principal is User, action == Action::"edit", resource is Document'
  const rows: readonly Row[] = [
    ['by one of everything', pair('', all), isCovered],
    [
      'by one of its action',
      pair('when { principal.active }', 'principal, action in [Action::"edit", Action::"purge"], resource'),
      isCovered,
    ],
    ['not by one of another action', pair('', 'principal, action == Action::"purge", resource')],
    [
      'by a weaker condition',
      pair(
        'when { resource.classified && principal.active }',
        `${document}) when { resource.classified }; @id("g") forbid (principal is Client, action, resource`,
      ),
      isCovered,
    ],
    [
      'not by a stronger one',
      pair(
        'when { resource.classified }',
        `${document}) when { resource.classified && principal.active }; @id("g") forbid (principal is Client, action, resource`,
      ),
    ],
    [
      'by the negation of an `unless`',
      `${edit('when { resource.tenant != principal.tenant }')} @id("f") forbid (${document}) unless { principal.tenant == resource.tenant };`,
      isCovered,
    ],
    [
      'not by what an `unless` lets pass',
      `${edit('when { resource.tenant == principal.tenant }')} @id("f") forbid (${document}) unless { principal.tenant == resource.tenant };`,
    ],
    [
      'by a wider bound',
      `${edit('when { principal.age > 9 }')} @id("f") forbid (${document}) when { principal.age >= 5 };`,
      isCovered,
    ],
    [
      'not by a narrower one',
      `${edit('when { principal.age >= 5 }')} @id("f") forbid (${document}) when { principal.age > 9 };`,
    ],
    [
      'by a wider network',
      `${edit('when { context.ip.isInRange(ip("10.1.0.0/16")) }')} @id("f") forbid (${document}) when { context.ip.isInRange(ip("10.0.0.0/8")) };`,
      isCovered,
    ],
    [
      'not by a narrower one',
      `${edit('when { context.ip.isInRange(ip("10.0.0.0/8")) }')} @id("f") forbid (${document}) when { context.ip.isInRange(ip("10.1.0.0/16")) };`,
    ],
    [
      'by the group that it names',
      `${edit('', 'principal in Team::"x", action == Action::"edit", resource')} @id("f") forbid (principal in Team::"x", action, resource);`,
      isCovered,
    ],
    [
      'not by another group',
      `${edit('', 'principal in Team::"x", action == Action::"edit", resource')} @id("f") forbid (principal in Team::"y", action, resource);`,
    ],
    [
      'an alternative each',
      `${edit('when { principal.name == "a" || principal.name == "b" }')} @id("f") forbid (${document}) when { principal.name == "b" || principal.name == "a" || principal.active };`,
      isCovered,
    ],
    [
      'not where one alternative is free',
      `${edit('when { principal.name == "a" || principal.name == "b" }')} @id("f") forbid (${document}) when { principal.name == "b" };`,
    ],
    [
      'not by a template',
      `${edit('')} @id("f") forbid (principal == ?principal, action, resource);`,
      ['FORBID_TEMPLATE', 'principal == ?principal'],
    ],
    [
      'not where the forbid may err',
      `${edit('when { principal.active }')} @id("f") forbid (${document}) when { principal.age + 1 > 0 || principal.active };`,
    ],
  ]
  it.each(cases(rows))('$name', ({ text, said }) => expectSaid(text, said))
})

describe('two policies that say the same', () => {
  const two = (one: string, other: string): string => `@id("a") ${one}; @id("b") ${other};`
  const permit = (conditions: string, scope = 'principal is User, action == Action::"edit", resource'): string =>
    `permit (${scope}) ${conditions}`
  const forbid = (conditions: string): string =>
    `forbid (principal is User, action == Action::"edit", resource) ${conditions}`
  const isSame = ['SAME', /`b` says the same as `a`/] as const
  const rows: readonly Row[] = [
    ['word by word', two(permit('when { principal.active }'), permit('when { principal.active }')), isSame],
    [
      'in another order',
      two(
        permit('when { principal.active && resource.classified }'),
        permit('when { resource.classified && principal.active }'),
      ),
      isSame,
    ],
    [
      'with other operands first',
      two(
        permit('when { resource.owner == principal && 3 < principal.age }'),
        permit('when { principal.age > 3 && principal == resource.owner }'),
      ),
      isSame,
    ],
    ['negated twice', two(permit('when { !!principal.active }'), permit('when { principal.active }')), isSame],
    [
      '`when` and `unless`',
      two(permit('when { principal.name != "a" }'), permit('unless { principal.name == "a" }')),
      isSame,
    ],
    [
      'scope and condition',
      two(
        permit('', 'principal in Team::"x", action == Action::"edit", resource'),
        permit(
          'when { action == Action::"edit" && principal in Team::"x" }',
          'principal is User, action in [Action::"edit"], resource',
        ),
      ),
      isSame,
    ],
    [
      'sets in another order',
      two(
        permit('when { ["a", "b"].contains(principal.name) }'),
        permit('when { ["b", "a", "a"].contains(principal.name) }'),
      ),
      isSame,
    ],
    ['another constant', two(permit('when { principal.name == "a" }'), permit('when { principal.name == "b" }'))],
    [
      'another effect',
      two(permit('when { principal.active }'), forbid('when { principal.active && principal.age > 3 }')),
    ],
    ['another bound', two(permit('when { principal.age > 3 }'), permit('when { principal.age >= 3 }'))],
    [
      'forbids in another order',
      two(
        forbid('when { principal.active && resource.classified }'),
        forbid('when { resource.classified && principal.active }'),
      ),
      isSame,
    ],
    // one errs where the other is false, and an erring forbid denies
    [
      'forbids that err in another order',
      two(
        forbid('when { principal.age + 1 > 3 && resource.classified }'),
        forbid('when { resource.classified && principal.age + 1 > 3 }'),
      ),
    ],
    [
      'permits that err in another order',
      two(
        permit('when { principal.age + 1 > 3 && resource.classified }'),
        permit('when { resource.classified && principal.age + 1 > 3 }'),
      ),
      isSame,
    ],
    [
      'templates',
      two(
        permit('', 'principal in ?principal, action == Action::"edit", resource in ?resource'),
        permit('', 'principal in ?principal, action == Action::"edit", resource in ?resource'),
      ),
      isSame,
    ],
    [
      'templates with other slots',
      two(
        permit('', 'principal in ?principal, action == Action::"edit", resource in ?resource'),
        permit('', 'principal == ?principal, action == Action::"edit", resource in ?resource'),
      ),
    ],
  ]
  it.each(cases(rows))('$name', ({ text, said }) => expectSaid(text, said))
})

describe('what nobody loads', () => {
  const rows: readonly Row[] = [
    [
      'an attribute behind the resource',
      edit('when { resource.owner.tenant == principal.tenant }'),
      ['UNLOADED', 'resource.owner.tenant'],
    ],
    ['one of the resource', edit('when { resource.tenant == principal.tenant }')],
    [
      'an attribute of a type that is neither',
      edit('when { principal.team.level > 3 }'),
      ['UNLOADED', /`principal.team.level` is never there: nobody loads a `Team`/],
    ],
    [
      'an attribute of what is the principal',
      edit('when { resource.owner == principal && resource.owner.tenant == resource.tenant }'),
    ],
    ['a field of a record', edit('when { resource.box.width > 3 }')],
    [
      'a question for one',
      edit('when { principal has manager && principal.manager has manager }'),
      ['UNLOADED', 'principal.manager has manager'],
    ],
    ['tags of the resource', edit('when { resource.hasTag("t") && resource.getTag("t") == "x" }')],
  ]
  it.each(cases(rows))('$name', ({ text, said }) => expectSaid(text, said))
})

describe('a `@sensitive` action', () => {
  const purge = (conditions = '', rest = ''): string =>
    `@id("a") permit (principal, action in [Action::"edit", Action::"purge"], resource) ${conditions}; ${rest}`
  const template = (annotations: string): string =>
    `@id("a") ${annotations} permit (principal in ?principal, action == Action::"purge", resource in ?resource);`
  const forbid = (conditions: string, scope = 'principal, action == Action::"purge", resource'): string =>
    `@id("f") forbid (${scope}) ${conditions};`
  const isOpen = ['SENSITIVE', 'action in [Action::"edit", Action::"purge"]'] as const
  const rows: readonly Row[] = [
    ['without anything', purge(), isOpen],
    ['that is another one', edit('')],
    ['with a condition of another kind', purge('when { principal.active }'), isOpen],
    [
      'with a factor in the permit',
      edit('when { context has acr && context.acr == "mfa" }', 'principal, action == Action::"purge", resource'),
    ],
    ['with a name of your own', edit('when { context.mfa }', 'principal, action == Action::"purge", resource')],
    [
      'with a factor as one alternative',
      edit('when { context.mfa || principal.active }', 'principal, action == Action::"purge", resource'),
      ['SENSITIVE', 'action == Action::"purge"'],
    ],
    [
      'with a question whether there is one',
      edit('when { context has acr }', 'principal, action == Action::"purge", resource'),
      ['SENSITIVE', 'action == Action::"purge"'],
    ],
    ['behind a forbid', purge('', forbid('unless { context has acr && context.acr == "mfa" }'))],
    [
      'behind one of the time since the sign-in',
      purge(
        '',
        forbid('unless { context has authTime && context.now.durationSince(context.authTime) < duration("5m") }'),
      ),
    ],
    ['behind one for some', purge('', forbid('when { resource.classified } unless { context.mfa }')), isOpen],
    [
      'behind one for just these',
      purge('when { resource.classified }', forbid('when { resource.classified } unless { context.mfa }')),
    ],
    [
      'behind one of another action',
      purge(
        '',
        forbid('unless { context has acr && context.acr == "mfa" }', 'principal, action == Action::"view", resource'),
      ),
      isOpen,
    ],
    ['by grants without an end', template(''), ['SENSITIVE', /grants that never end/]],
    ['by grants that end', template('@until')],
    ['where nobody gets to it', purge('', forbid('when { true } unless { context.mfa && false }')), isOpen],
  ]
  it.each(cases(rows))('$name', ({ text, said }) => expectSaid(text, said))
})

describe('a `forbid` with a slot', () => {
  const rows: readonly Row[] = [
    [
      'for the principal',
      '@id("a") forbid (principal in ?principal, action, resource);',
      ['FORBID_TEMPLATE', 'principal in ?principal'],
    ],
    [
      'for the resource',
      '@id("a") forbid (principal, action, resource == ?resource);',
      ['FORBID_TEMPLATE', 'resource == ?resource'],
    ],
    ['that is a permit', '@id("a") permit (principal in ?principal, action == Action::"edit", resource == ?resource);'],
  ]
  it.each(cases(rows))('$name', ({ text, said }) => expectSaid(text, said))
})

describe('a silence', () => {
  const silent = (annotation: string): string => `@lint(${JSON.stringify(annotation)}) ${edit('when { false }')}`
  const heard = ['NEVER_APPLIES', 'false'] as const
  const rows: readonly Row[] = [
    ['with a reason', silent('allow never-applies: kept for the migration in May')],
    ['without one', silent('allow never-applies'), ['LINT', /says why/], heard],
    ['of no check', silent('allow everything: please'), ['LINT', /no check `everything`/], heard],
    [
      'of another check',
      silent('allow covered: so it is'),
      ['LINT', /silences `covered`, which finds nothing here/],
      heard,
    ],
    ['among others', silent('allow never-applies: kept; allow covered: so it is'), ['LINT', /silences `covered`/]],
    ['in other words', silent('off'), ['LINT', /says why/], heard],
  ]
  it.each(cases(rows))('$name', async ({ text, said }) => {
    const found = await lintText(validator, text)
    expect(found.map(({ code }) => code).toSorted()).toEqual(said.map(([code]) => code).toSorted())
    for (const [code, at] of said) {
      const one = found.find((each) => each.code === code)
      if (typeof at === 'string') expect(one?.at).toBe(at)
      else expect(one?.message).toMatch(at)
    }
  })
})

describe('the checks', () => {
  it('are not asked of policies with errors', async () => {
    const text = `${edit('when { false }')} @id("b") permit (principal, action == Action::"nothing", resource);`
    expect((await lintText(validator, text)).map(({ code }) => code)).not.toContain('NEVER_APPLIES')
  })

  it('have names and codes of their own, and each code a meaning', () => {
    expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length)
    for (const { name, code } of CHECKS) {
      expect(code).toBe(`ERR_VALIDATE_${name.replaceAll('-', '_').toUpperCase()}`)
      expect(VALIDATE_ERRORS[code]).toBeDefined()
    }
  })
})
