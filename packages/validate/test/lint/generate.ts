// Conditions and scopes over the tests' schema: of the right types, from few terms and constants, so that they often exclude, imply or
// repeat each other; some err. And requests that the schema takes, in which a guard would decide them.

import fc from 'fast-check'
import {
  compileProgram,
  createEntities,
  decide,
  type EntityInput,
  entityUid,
  type EntityUid,
  parseDatetime,
  parseDecimal,
  parseIp,
  parsePolicies,
  type Policy,
  recordValue,
  type Request,
  type Schema,
  setValue,
  type Value,
} from '@cardea/policy'

const oneOf = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts)

const LONGS = oneOf(
  'principal.age',
  'principal.age',
  'resource.size',
  '3',
  '4',
  '5',
  'principal.age + 9223372036854775805',
)
const USERS = oneOf('principal', 'resource.owner', 'User::"ann"', 'User::"bob"')
const TEXTS = oneOf('principal.name', 'resource.title', '"a"', '"ab"', '"b"', 'resource.getTag("t")')

const atoms: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(LONGS, oneOf('<', '<=', '>', '>=', '==', '!='), LONGS).map((parts) => parts.join(' ')),
  fc.tuple(USERS, oneOf('==', '!=', 'in'), USERS).map((parts) => parts.join(' ')),
  fc.tuple(TEXTS, oneOf('==', '!='), TEXTS).map((parts) => parts.join(' ')),
  fc.tuple(TEXTS, oneOf('a*', '*b', 'b*', '*', 'a')).map(([text, pattern]) => `${text} like "${pattern}"`),
  fc
    .tuple(
      oneOf('principal', 'resource.owner'),
      oneOf('Team::"x"', 'Team::"y"', '[Team::"x", Role::"admin"]', 'Folder::"f"'),
    )
    .map((parts) => parts.join(' in ')),
  fc
    .tuple(oneOf('resource'), oneOf('Folder::"f"', 'Folder::"g"', 'Document::"d"', '[Folder::"g", Folder::"f"]'))
    .map((parts) => parts.join(' in ')),
  oneOf('principal is User', 'resource is Document', 'resource is Document in Folder::"f"', 'resource is Folder'),
  oneOf('action == Action::"edit"', 'action in [Action::"edit", Action::"purge"]', 'action in Action::"reading"'),
  oneOf(
    'resource.classified',
    'principal.active',
    'context.flag',
    'resource.classified == true',
    'context.flag == false',
  ),
  oneOf(
    'resource has title',
    'resource has size',
    'resource has box.label',
    'principal has manager.tenant',
    'resource.hasTag("t")',
  ),
  oneOf(
    'principal.tenant == resource.tenant',
    'resource.tenant != principal.tenant',
    'resource.owner.tenant == principal.tenant',
  ),
  fc
    .tuple(oneOf('10.0.0.0/8', '10.1.0.0/16', '192.168.0.0/16'))
    .map(([range]) => `context.ip.isInRange(ip("${range}"))`),
  fc
    .tuple(oneOf('<', '>='), oneOf('2020-01-01', '2021-01-01'))
    .map(([sign, day]) => `context.now ${sign} datetime("${day}")`),
  fc
    .tuple(oneOf('lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'), oneOf('1.0', '2.0'))
    .map(([name, price]) => `resource.price.${name}(decimal("${price}"))`),
  oneOf(
    '["a", "b"].contains(principal.name)',
    '[3, 5].contains(resource.size)',
    'resource.readers.contains(principal)',
    '[principal, resource.owner].containsAny([User::"ann"])',
  ),
  oneOf('true', 'false', '[1, 2] == [2, 1]', 'resource.box.width == 3', '{ a: principal.age } == { a: 3 }'),
)

export const conditions: fc.Arbitrary<string> = fc.letrec<{ whole: string }>((tie) => ({
  whole: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    { weight: 5, arbitrary: atoms },
    { weight: 3, arbitrary: fc.tuple(tie('whole'), tie('whole')).map(([left, right]) => `(${left}) && (${right})`) },
    { weight: 2, arbitrary: fc.tuple(tie('whole'), tie('whole')).map(([left, right]) => `(${left}) || (${right})`) },
    { weight: 2, arbitrary: tie('whole').map((inner) => `!(${inner})`) },
    {
      weight: 1,
      arbitrary: fc.tuple(tie('whole'), tie('whole'), tie('whole')).map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
    },
    { weight: 1, arbitrary: fc.tuple(tie('whole'), tie('whole')).map(([left, right]) => `(${left}) == (${right})`) },
  ),
})).whole

const scopes: fc.Arbitrary<string> = fc
  .tuple(
    oneOf(
      'principal is User',
      'principal is User in Team::"x"',
      'principal == User::"ann"',
      'principal in Team::"x"',
      'principal is User',
    ),
    oneOf('action', 'action == Action::"edit"', 'action in [Action::"edit", Action::"purge"]'),
    oneOf(
      'resource',
      'resource is Document',
      'resource in Folder::"f"',
      'resource == Document::"d"',
      'resource is Document in Folder::"g"',
    ),
  )
  .map((parts) => parts.join(', '))

/** The text of a policy without its id. */
export function policyTexts(effect: 'permit' | 'forbid'): fc.Arbitrary<string> {
  return fc
    .tuple(scopes, fc.array(fc.tuple(oneOf('when', 'when', 'unless'), conditions), { maxLength: 3 }))
    .map(([scope, parts]) => `${effect} (${scope})${parts.map(([kind, body]) => ` ${kind} { ${body} }`).join('')};`)
}

export function parsed(texts: readonly string[]): readonly Policy[] {
  const text = texts.map((each, index) => `@id("p${index}") ${each}`).join('\n')
  const { policies, problems } = parsePolicies(text, { file: 'generated.cedar' })
  if (problems.length > 0) throw new Error(`the generator is wrong: ${problems[0]?.message} in ${text}`)
  return policies
}

export type Outcome = 'true' | 'false' | 'errs'

/** What the evaluator says of a policy in each request. */
export function outcomesOf(policy: Policy, requests: readonly Request[], schema: Schema): readonly Outcome[] {
  const program = compileProgram([policy], { schema, forbidErrors: 'skip' })
  return requests.map((request) => {
    const { determining, errors } = decide(program, request)
    return errors.length > 0 ? 'errs' : determining.length > 0 ? 'true' : 'false'
  })
}

const ids = fc.constantFrom('ann', 'bob', 'eve')
const tenants = fc.constantFrom('acme', 'globex').map((id) => entityUid('Tenant', id))
const user = (id: string): EntityUid => entityUid('User', id)
const groups = fc.subarray([entityUid('Team', 'x'), entityUid('Team', 'y'), entityUid('Role', 'admin')])
const folders = fc.subarray([entityUid('Folder', 'f'), entityUid('Folder', 'g')])
const longs = fc.constantFrom(2, 3, 4, 5, 6)

const users = (id: fc.Arbitrary<string>): fc.Arbitrary<EntityInput> =>
  fc
    .record({
      id,
      parents: groups,
      tenant: tenants,
      age: longs,
      name: oneOf('a', 'ab', 'b', 'c'),
      active: fc.boolean(),
      manager: fc.option(ids),
    })
    .map(({ id, parents, tenant, age, name, active, manager }) => ({
      uid: user(id),
      parents,
      attributes: {
        tenant,
        age,
        name,
        active,
        team: entityUid('Team', 'x'),
        ...(manager === null ? {} : { manager: user(manager) }),
      },
    }))

const documents: fc.Arbitrary<EntityInput> = fc
  .record({
    id: fc.constantFrom('d', 'e'),
    parents: folders,
    owner: ids,
    tenant: tenants,
    title: fc.option(oneOf('a', 'ab', 'b')),
    size: longs,
    classified: fc.boolean(),
    readers: fc.subarray(['ann', 'bob']),
    width: longs,
    label: fc.option(oneOf('a')),
    price: oneOf('0.5', '1.0', '1.5', '2.0', '3.0'),
    tag: fc.option(oneOf('a', 'b')),
  })
  .map(({ id, parents, owner, tenant, title, size, classified, readers, width, label, price, tag }) => ({
    uid: entityUid('Document', id),
    parents,
    attributes: {
      owner: user(owner),
      tenant,
      size,
      classified,
      readers: setValue(readers.map(user)),
      box: recordValue({ width, ...(label === null ? {} : { label }) }),
      price: present(parseDecimal(price)),
      due: present(parseDatetime('2020-06-01')),
      ...(title === null ? {} : { title }),
    },
    tags: tag === null ? {} : { t: tag },
  }))

/** A request for an action on a document. Sometimes the owner is loaded, too, which a guard does not do. */
export const requests: fc.Arbitrary<Request> = fc
  .record({
    principal: users(ids),
    resource: documents,
    other: fc.option(users(ids)),
    action: fc.constantFrom('view', 'edit', 'purge'),
    ip: oneOf('10.1.2.3', '10.2.3.4', '192.168.1.1', '8.8.8.8'),
    now: oneOf('2019-06-01', '2020-01-01', '2020-06-01', '2021-06-01'),
    flag: fc.boolean(),
  })
  .map(({ principal, resource, other, action, ip, now, flag }) => {
    const others = other === null || other.uid.id === principal.uid.id ? [] : [other]
    const context: [string, Value][] = [
      ['ip', present(parseIp(ip))],
      ['now', present(parseDatetime(now))],
    ]
    if (action === 'edit') context.push(['flag', flag])
    if (action === 'purge') context.push(['mfa', flag])
    return {
      principal: principal.uid,
      action: entityUid('Action', action),
      resource: resource.uid,
      context: new Map(context),
      entities: createEntities([principal, resource, ...others]),
    }
  })

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the generator is broken')
  return value
}
