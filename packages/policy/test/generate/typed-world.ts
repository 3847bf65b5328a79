// The small world again, as a schema allows it: every request passes `checkRequest`, every entity `checkEntity`. Policies are not
// validated: many read what the schema rules out.

import fc from 'fast-check'
import { createEntities } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { createSchema } from '../../src/schema/schema.ts'
import type { Schema } from '../../src/schema/schema.ts'
import { parseExpression } from '../../src/syntax/parse-policies.ts'
import type { Expression } from '../../src/syntax/tree.ts'
import { parseDatetime } from '../../src/value/datetime.ts'
import { setValue } from '../../src/value/equality.ts'
import { recordValue } from '../../src/value/record.ts'
import type { EntityUid, Value } from '../../src/value/value.ts'
import { NOWHERE } from './expressions.ts'
import type { World } from './partial-requests.ts'
import { universes } from './universe-policies.ts'
import type { Universe } from './universe-policies.ts'

const user = { type: 'Entity', name: 'User' } as const
const text = { type: 'String' } as const
const long = { type: 'Long' } as const
const action = (
  id: string,
  principals: readonly string[],
  resources: readonly string[],
  context: NonNullable<Parameters<typeof createSchema>[0]['actions'][string]>['context'],
  memberOf = [{ type: 'Action', id: 'writing' }],
) => ({ uid: { type: 'Action', id }, memberOf, principals, resources, context })

export const TYPED: Schema = createSchema({
  entities: {
    User: {
      parents: ['Team'],
      attributes: {
        name: text,
        level: long,
        active: { type: 'Bool' },
        roles: { type: 'Set', element: text },
        manager: { ...user, optional: true },
        profile: { type: 'Record', attributes: { city: text, level: { ...long, optional: true } }, optional: true },
      },
      tags: long,
    },
    Team: { parents: ['Team'], attributes: { name: text, level: { ...long, optional: true } } },
    Folder: { parents: ['Folder'], attributes: { owner: { ...user, optional: true } } },
    Doc: {
      parents: ['Folder'],
      attributes: {
        owner: user,
        name: text,
        level: long,
        public: { type: 'Bool' },
        team: { type: 'Entity', name: 'Team' },
        readers: { type: 'Set', element: user, optional: true },
      },
    },
  },
  actions: {
    view: action(
      'view',
      ['User'],
      ['Doc', 'Folder'],
      { mfa: { type: 'Bool' }, level: { ...long, optional: true }, now: { type: 'datetime' } },
      [],
    ),
    edit: action('edit', ['User'], ['Doc'], {
      mfa: { type: 'Bool' },
      level: long,
      team: { type: 'Entity', name: 'Team' },
    }),
    share: action('share', ['User', 'Team'], ['Doc', 'Team', 'User'], { mfa: { type: 'Bool' } }),
    writing: action('writing', [], [], {}, []),
  },
})

const ann = entityUid('User', 'ann')
const bob = entityUid('User', 'bob')
const [x, y, f, g] = [
  entityUid('Team', 'x'),
  entityUid('Team', 'y'),
  entityUid('Folder', 'f'),
  entityUid('Folder', 'g'),
]
const person = (uid: EntityUid, team: EntityUid, level: number, more: { readonly [name: string]: Value }) => ({
  uid,
  parents: [team],
  attributes: { name: uid.id, level, active: level > 2, roles: setValue(['a']), ...more },
  tags: level > 2 ? { clearance: level } : {},
})
const document = (id: string, folder: EntityUid, owner: EntityUid, more: { readonly [name: string]: Value } = {}) => ({
  uid: entityUid('Doc', id),
  parents: [folder],
  attributes: { owner, name: `a${id}`, level: Number(id), public: id === '1', team: x, ...more },
})

/** `Team::"y"`, `Folder::"h"` and the owner of document 3 are referred to and not there. */
const ENTITIES = createEntities([
  person(ann, x, 3, { manager: bob, profile: recordValue({ city: 'oslo' }) }),
  person(bob, y, 1, {}),
  { uid: x, parents: [y], attributes: { name: 'x', level: 1 } },
  { uid: f, parents: [g], attributes: { owner: ann } },
  { uid: g },
  document('1', f, ann, { readers: setValue([ann]) }),
  document('2', g, bob),
  document('3', entityUid('Folder', 'h'), entityUid('User', 'ghost'), { team: y }),
])

const now = parseDatetime('1969-07-20T20:17:40Z')
if (now === undefined) throw new Error('no such day')

/** One world for each action, as the schema says what it is done by, on and with. */
export const WORLDS: readonly World[] = [
  {
    actions: [entityUid('Action', 'view')],
    principals: [ann, bob],
    resources: [f, g, ...['1', '2', '3'].map((id) => entityUid('Doc', id))],
    contexts: [
      new Map<string, Value>([
        ['mfa', true],
        ['level', 2],
        ['now', now],
      ]),
      new Map<string, Value>([
        ['mfa', false],
        ['now', now],
      ]),
    ],
    entities: ENTITIES,
  },
  {
    actions: [entityUid('Action', 'edit')],
    principals: [ann, bob],
    resources: ['1', '2', '3'].map((id) => entityUid('Doc', id)),
    contexts: [
      new Map<string, Value>([
        ['mfa', true],
        ['level', 3],
        ['team', x],
      ]),
    ],
    entities: ENTITIES,
  },
  {
    actions: [entityUid('Action', 'share')],
    principals: [ann, bob, x],
    resources: [x, ann, bob, ...['1', '2', '3'].map((id) => entityUid('Doc', id))],
    contexts: [new Map<string, Value>([['mfa', true]]), new Map<string, Value>([['mfa', false]])],
    entities: ENTITIES,
  },
]

const CONDITIONS = [
  'resource has readers && resource.readers.contains(principal)',
  'principal has manager && principal.manager == resource.owner',
  'context has level && context.level < 3',
  '!(context has level) || context.level < 3',
  'if principal has profile then principal.profile.city like "o*" else true',
  'principal has profile.level && principal.profile.level > 0',
  'principal.hasTag("clearance") && principal.getTag("clearance") > 2',
  'resource.hasTag("clearance")',
  'resource.owner == principal',
  'resource.owner == Team::"x"',
  'resource.owner in Team::"y"',
  'resource.owner in Folder::"f"',
  'resource.owner.level > 2',
  'resource.team in Team::"y"',
  'principal in resource.team',
  'User::"ann" in resource.team',
  'User::"ghost" in principal',
  'resource in Folder::"g"',
  'principal in [Team::"y", Folder::"g"]',
  'resource.public',
  'resource.public == 1',
  'resource.level + 1 > 2',
  'resource.level > principal.level',
  'resource.nothing',
  // what may be absent, beside what would decide without it
  'resource.readers == 1',
  '!(resource.owner.level == "a")',
  'principal.manager == principal || true',
  'principal.profile.level > 0 && false',
  'resource has nothing',
  'resource has owner',
  'resource has owner.level',
  'context has nothing',
  'context has mfa',
  'context.mfa',
  'context.team == resource.team',
  'context.now < datetime("1970-01-01")',
  'context has now && context.now.toTime() < duration("12h")',
  'action == Action::"view"',
  'action in Action::"writing"',
  'Action::"edit" in action',
  '[Action::"edit", Action::"share"].contains(action)',
  'action in [Action::"view", Action::"edit", Action::"share"]',
  'principal is User',
  'resource is Doc in Folder::"f"',
  'principal == resource',
  'principal.roles.containsAny(["a", "b"])',
  'true',
  'false',
].map((source) => {
  const { expression } = parseExpression(source)
  if (expression === undefined) throw new Error(`no expression: ${source}`)
  return expression
})

const conditions: fc.Arbitrary<Expression> = fc.letrec<{ whole: Expression }>((tie) => ({
  whole: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: fc.constantFrom(...CONDITIONS) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), tie('whole'), tie('whole'))
        .map(([kind, left, right]): Expression => ({ kind, left, right, span: NOWHERE })),
    },
    { weight: 1, arbitrary: tie('whole').map((operand): Expression => ({ kind: 'not', operand, span: NOWHERE })) },
  ),
})).whole

/** Policies over the typed world; half of them also say something that means something there. */
export const typedUniverses: fc.Arbitrary<Universe> = fc
  .tuple(universes, fc.array(fc.option(conditions), { minLength: 9, maxLength: 9 }), fc.boolean())
  .map(([{ policies, links }, more, isPlain]) => ({
    links,
    policies: policies.map((policy, at) => {
      const body = more[at] ?? undefined
      if (body === undefined) return policy
      const own = isPlain ? [] : policy.conditions
      return { ...policy, conditions: [...own, { kind: 'when' as const, body, span: NOWHERE }] }
    }),
  }))
