// A small world in which generated policies mean something: users in teams, documents in folders, some attributes absent and some
// of an unexpected type. Expressions are mostly well-typed, with enough that err. Teams may be resources, and users too.

import fc from 'fast-check'
import { createEntities } from '../../src/entity/entities.ts'
import type { Entities, Entity, EntityInput } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import type { TemplateLink } from '../../src/compile/links.ts'
import type {
  ActionScope,
  Binary,
  Condition,
  Expression,
  Policy,
  Scope,
  Slot,
  VariableName,
} from '../../src/syntax/tree.ts'
import { parseDatetime } from '../../src/value/datetime.ts'
import { setValue } from '../../src/value/equality.ts'
import { parseIp } from '../../src/value/ip.ts'
import { recordValue } from '../../src/value/record.ts'
import type { EntityUid, Value } from '../../src/value/value.ts'
import { expressions, NOWHERE } from './expressions.ts'

export const ANN: EntityUid = entityUid('User', 'ann')
export const ACTIONS: readonly EntityUid[] = ['view', 'edit', 'share', 'unknown'].map((id) => entityUid('Action', id))
export const GROUP: EntityUid = entityUid('Action', 'writing')
const TEAMS = ['x', 'y', 'z'].map((id) => entityUid('Team', id))
const FOLDERS = ['f', 'g', 'h'].map((id) => entityUid('Folder', id))
const DOCUMENTS = ['1', '2', '3', '4'].map((id) => entityUid('Doc', id))
const USERS = [ANN, entityUid('User', 'bob'), entityUid('User', 'ghost')]
const EVERYTHING = [...TEAMS, ...FOLDERS, ...DOCUMENTS, ...USERS]

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the universe is broken')
  return value
}

const user = (
  id: string,
  parents: readonly EntityUid[],
  attributes: { readonly [name: string]: Value },
): EntityInput => ({
  uid: entityUid('User', id),
  parents,
  attributes,
  tags: { clearance: 3 },
})

const document = (
  id: string,
  parents: readonly EntityUid[],
  attributes: { readonly [name: string]: Value },
): EntityInput => ({
  uid: entityUid('Doc', id),
  parents,
  attributes,
  tags: id === '1' ? { label: 'a', clearance: 2 } : {},
})

const [x, y] = TEAMS.map(present)
const [f, g] = FOLDERS.map(present)

export const INPUTS: readonly EntityInput[] = [
  user('ann', [present(x)], {
    name: 'ann',
    level: 3,
    roles: setValue(['a', 'b']),
    manager: entityUid('User', 'bob'),
    profile: recordValue({ city: 'oslo', level: 2 }),
    active: true,
  }),
  user('bob', [present(y)], { name: 'bob', level: 9007199254740991, roles: setValue([]), active: false }),
  { uid: present(x), parents: [present(y)], attributes: { name: 'x', level: 1 } },
  { uid: present(f), parents: [present(g)], attributes: { owner: ANN } },
  document('1', [present(f)], {
    owner: ANN,
    name: 'ann',
    level: 1,
    public: true,
    readers: setValue([ANN, present(x)]),
  }),
  document('2', [present(g)], {
    owner: entityUid('User', 'bob'),
    name: 'b*b',
    level: 9007199254740991,
    public: false,
  }),
  document('3', [], {
    owner: 'nobody',
    level: -1,
    readers: setValue([present(y), 'text']),
    profile: recordValue({ city: 'oslo' }),
  }),
  { uid: entityUid('Action', 'edit'), parents: [GROUP] },
  { uid: entityUid('Action', 'share'), parents: [GROUP] },
]

export const ENTITIES: Entities = createEntities(INPUTS)
export const RESOURCES: readonly EntityUid[] = [...DOCUMENTS, ...TEAMS, ...FOLDERS, ...USERS]

/** The entity of a resource; one that is nowhere is empty. */
export function entityOf(uid: EntityUid): Entity {
  return ENTITIES.get(uid) ?? { uid, attributes: new Map(), ancestors: new Map(), tags: new Map() }
}

export const CONTEXTS: readonly ReadonlyMap<string, Value>[] = [
  new Map<string, Value>([
    ['mfa', true],
    ['level', 2],
    ['name', 'ann'],
    ['ip', present(parseIp('10.1.2.3'))],
    ['now', present(parseDatetime('1969-07-20T20:17:40Z'))],
    ['team', present(x)],
  ]),
  new Map<string, Value>([['mfa', false]]),
]

const node = (kind: Binary['kind'], left: Expression, right: Expression): Expression => ({
  kind,
  left,
  right,
  span: NOWHERE,
})
const literal = (value: Value): Expression => ({ kind: 'literal', value, span: NOWHERE })
const variable = (name: VariableName): Expression => ({ kind: 'variable', name, span: NOWHERE })
const attribute = (of: Expression, name: string): Expression => ({ kind: 'attribute', of, name, span: NOWHERE })
const call = (
  name: 'ip' | 'datetime' | 'isInRange' | 'toTime' | 'toDate' | 'durationSince',
  ...args: Expression[]
): Expression => ({
  kind: 'call',
  function: name,
  arguments: args,
  span: NOWHERE,
})

const holders = fc.constantFrom(variable('principal'), variable('resource'), variable('resource'), variable('context'))
const references: fc.Arbitrary<Expression> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(variable('principal'), variable('resource')) },
  { weight: 2, arbitrary: fc.constantFrom(...EVERYTHING).map(literal) },
  { weight: 1, arbitrary: fc.constantFrom(variable('action'), ...[...ACTIONS, GROUP].map(literal)) },
  {
    weight: 2,
    arbitrary: fc.tuple(holders, fc.constantFrom('owner', 'manager', 'team')).map(([of, name]) => attribute(of, name)),
  },
)
const names = fc.constantFrom(
  'name',
  'level',
  'owner',
  'roles',
  'readers',
  'public',
  'mfa',
  'profile',
  'manager',
  'absent',
)

type Typed = {
  readonly bool: Expression
  readonly long: Expression
  readonly text: Expression
  readonly set: Expression
  readonly any: Expression
}

const typed = fc.letrec<Typed>((tie) => {
  const pair = (kinds: readonly Binary['kind'][], left: keyof Typed, right: keyof Typed) =>
    fc.tuple(fc.constantFrom(...kinds), tie(left), tie(right)).map(([kind, a, b]) => node(kind, a, b))
  const read = (name: string) => holders.map((of) => attribute(of, name))
  return {
    bool: fc.oneof(
      { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
      fc.boolean().map(literal),
      fc.tuple(holders, fc.constantFrom('public', 'active', 'mfa')).map(([of, name]) => attribute(of, name)),
      fc.tuple(references, references).map(([a, b]) => node('equal', a, b)),
      fc.tuple(references, references).map(([a, b]) => node('in', a, b)),
      fc.tuple(references, tie('set')).map(([a, b]) => node('in', a, b)),
      fc
        .tuple(holders, fc.array(names, { minLength: 1, maxLength: 2 }))
        .map(([of, path]): Expression => ({ kind: 'has', of, path, span: NOWHERE })),
      pair(['and', 'or'], 'bool', 'bool'),
      pair(['and', 'or'], 'bool', 'bool'),
      tie('bool').map((operand): Expression => ({ kind: 'not', operand, span: NOWHERE })),
      pair(['less', 'lessEqual', 'greater', 'greaterEqual'], 'long', 'long'),
      pair(['equal', 'notEqual'], 'any', 'any'),
      pair(['containsAll', 'containsAny'], 'set', 'set'),
      pair(['contains'], 'set', 'any'),
      tie('set').map((operand): Expression => ({ kind: 'isEmpty', operand, span: NOWHERE })),
      tie('text').map(
        (of): Expression => ({
          kind: 'like',
          of,
          pattern: [{ kind: 'text', text: 'a' }, { kind: 'wildcard' }],
          span: NOWHERE,
        }),
      ),
      fc
        .tuple(references, fc.constantFrom('User', 'Doc', 'Team'))
        .map(([of, type]): Expression => ({ kind: 'is', of, type, span: NOWHERE })),
      fc
        .tuple(references, fc.constantFrom('User', 'Doc'), references)
        .map(([of, type, within]): Expression => ({ kind: 'is', of, type, in: within, span: NOWHERE })),
      fc
        .tuple(references, fc.constantFrom('clearance', 'label'))
        .map(([of, name]) => node('hasTag', of, literal(name))),
      fc
        .constantFrom('10.0.0.0/8', '::1', 'no address')
        .map((range) => call('isInRange', attribute(variable('context'), 'ip'), call('ip', literal(range)))),
      fc
        .constantFrom('1969-07-20', '1970-01-01')
        .map((day) =>
          node(
            'less',
            call('toTime', attribute(variable('context'), 'now')),
            call('durationSince', attribute(variable('context'), 'now'), call('datetime', literal(day))),
          ),
        ),
      fc.record({
        kind: fc.constant('if'),
        test: tie('bool'),
        then: tie('bool'),
        else: tie('bool'),
        span: fc.constant(NOWHERE),
      }),
      { weight: 1, arbitrary: expressions },
    ),
    long: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constantFrom(0, 1, 2, 3, -1, 9007199254740991, 9223372036854775807n).map(literal),
      read('level'),
      pair(['add', 'subtract', 'multiply'], 'long', 'long'),
      references.map((of) => node('getTag', of, literal('clearance'))),
      tie('long').map(
        (operand): Expression => ({
          kind: 'negate',
          operand: operand.kind === 'literal' ? attribute(variable('context'), 'level') : operand,
          span: NOWHERE,
        }),
      ),
    ),
    text: fc.oneof(fc.constantFrom('', 'a', 'ann', 'b*b').map(literal), read('name')),
    set: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      read('roles'),
      read('readers'),
      fc.array(references, { maxLength: 3 }).map((elements): Expression => ({ kind: 'set', elements, span: NOWHERE })),
      fc.array(tie('any'), { maxLength: 2 }).map((elements): Expression => ({ kind: 'set', elements, span: NOWHERE })),
    ),
    any: fc.oneof(
      references,
      tie('long'),
      tie('text'),
      tie('bool'),
      tie('set'),
      holders.map((of) => attribute(of, 'profile')),
    ),
  }
})

/** Conditions over the universe: mostly Bools, some of which err. */
export const universeConditions: fc.Arbitrary<Expression> = typed.bool

function scopes(
  slot: Slot,
  isTemplate: boolean,
  entities: readonly EntityUid[],
  types: readonly string[],
): fc.Arbitrary<Scope> {
  const named = isTemplate ? fc.constant({ kind: 'slot' as const, slot }) : fc.constantFrom(...entities)
  const span = fc.constant(NOWHERE)
  const withEntity: fc.Arbitrary<Scope>[] = [
    fc.record({ kind: fc.constant('equal'), entity: named, span }),
    fc.record({ kind: fc.constant('in'), entity: named, span }),
    fc.record({ kind: fc.constant('is'), type: fc.constantFrom(...types), in: named, span }),
  ]
  if (isTemplate) return fc.oneof(...withEntity)
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('all'), span }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('is'), type: fc.constantFrom(...types), span }) },
    { weight: 4, arbitrary: fc.oneof(...withEntity) },
  )
}

const actionScopes: fc.Arbitrary<ActionScope> = fc.oneof<fc.Arbitrary<ActionScope>[]>(
  fc.constant({ kind: 'all', span: NOWHERE }),
  fc.constant({ kind: 'all', span: NOWHERE }),
  fc.constantFrom(...ACTIONS).map((entity) => ({ kind: 'equal', entity, span: NOWHERE })),
  fc.constantFrom(GROUP, ...ACTIONS).map((entity) => ({ kind: 'in', entities: [entity], list: false, span: NOWHERE })),
  fc.subarray([GROUP, ...ACTIONS]).map((entities) => ({ kind: 'in', entities, list: true, span: NOWHERE })),
)

function policyWith(slots: readonly Slot[]): fc.Arbitrary<Policy> {
  const condition: fc.Arbitrary<Condition> = fc.record({
    kind: fc.constantFrom('when', 'unless'),
    body: universeConditions,
    span: fc.constant(NOWHERE),
  })
  return fc.record({
    id: fc.constant(''),
    effect: fc.constantFrom('permit', 'permit', 'forbid'),
    annotations: fc.constant(new Map()),
    principal: scopes(
      'principal',
      slots.includes('principal'),
      [ANN, ANN, ...TEAMS, ...USERS],
      ['User', 'User', 'Team'],
    ),
    action: actionScopes,
    resource: scopes(
      'resource',
      slots.includes('resource'),
      [...DOCUMENTS, ...FOLDERS, ...TEAMS, ...USERS],
      ['Doc', 'Team', 'User'],
    ),
    conditions: fc.oneof(fc.constant([]), fc.array(condition, { maxLength: 2 })),
    slots: fc.constant(slots),
    span: fc.constant(NOWHERE),
  })
}

const universePolicy = fc.oneof(
  { weight: 4, arbitrary: policyWith([]) },
  { weight: 1, arbitrary: policyWith(['principal', 'resource']) },
  { weight: 1, arbitrary: policyWith(['resource']) },
  { weight: 1, arbitrary: policyWith(['principal']) },
)

export interface Universe {
  readonly policies: readonly Policy[]
  readonly links: readonly TemplateLink[]
}

/** Policies and templates with their links, each with an id. */
export const universes: fc.Arbitrary<Universe> = fc
  .tuple(
    fc.array(universePolicy, { minLength: 1, maxLength: 9 }),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(ANN, ...USERS, ...TEAMS), fc.constantFrom(...RESOURCES)), {
      maxLength: 12,
    }),
  )
  .map(([unnamed, seeds]) => {
    const policies = unnamed.map((policy, index) => ({ ...policy, id: `p${index}` }))
    const templates = policies.filter(({ slots }) => slots.length > 0)
    const links = seeds.flatMap(([seed, principal, resource], index) => {
      const template = templates[seed % Math.max(templates.length, 1)]
      if (template === undefined) return []
      return [
        {
          id: `l${index}`,
          template: template.id,
          ...(template.slots.includes('principal') ? { principal } : {}),
          ...(template.slots.includes('resource') ? { resource } : {}),
        },
      ]
    })
    return { policies, links }
  })
