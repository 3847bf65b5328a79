// Explanations as data: what they name of a decision, in which words, and no value that is not loggable.

import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import type { TemplateLink } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import type { ProgramOptions } from '../../src/compile/program.ts'
import type { Request } from '../../src/decide/request.ts'
import { createEntities } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { explain } from '../../src/explain/explain.ts'
import type { ConditionFlip, Explanation, Flip, Operand } from '../../src/explain/explanation.ts'
import type { SchemaDefinition } from '../../src/schema/definition.ts'
import { createSchema } from '../../src/schema/schema.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { recordValue } from '../../src/value/record.ts'
import type { Value } from '../../src/value/value.ts'

const USER = entityUid('User', 'ann')
const PLAN = entityUid('Doc', 'plan')
const FOLDER = entityUid('Folder', 'plans')

const PEOPLE_AND_THINGS = createEntities([
  {
    uid: USER,
    parents: [entityUid('Team', 'blue')],
    attributes: {
      department: 'sales',
      level: 3,
      manager: entityUid('User', 'bob'),
      address: recordValue({ city: 'oslo', street: 'hidden street' }),
    },
  },
  { uid: entityUid('User', 'bob'), attributes: { department: 'board', level: 9 } },
  { uid: PLAN, parents: [FOLDER], attributes: { owner: entityUid('User', 'bob'), classified: true } },
])

interface Asked extends ProgramOptions, Partial<Omit<Request, 'links'>> {
  readonly granted?: readonly TemplateLink[]
}

function ask(
  text: string,
  { granted = [], schema, links = [], forbidErrors = 'deny', ...request }: Asked = {},
): Explanation {
  const { policies, problems } = parsePolicies(text, { file: 'p.cedar' })
  expect(problems).toEqual([])
  const program = compileProgram(policies, { links, forbidErrors, ...(schema === undefined ? {} : { schema }) })
  const explanation = explain(
    program,
    {
      principal: USER,
      action: entityUid('Action', 'view'),
      resource: PLAN,
      context: new Map<string, Value>([
        ['mfa', false],
        ['now', { kind: 'datetime', milliseconds: 100_000n }],
      ]),
      entities: PEOPLE_AND_THINGS,
      links: createLinks(granted),
      nowSeconds: 100,
      ...request,
    },
    { sources: new Map([['p.cedar', text]]) },
  )
  // plain data: it comes back from JSON as it was
  expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation)
  return explanation
}

const nearest = (explanation: Explanation): readonly Flip[] => explanation.nearMisses[0]?.flips ?? []
const conditions = (flips: readonly Flip[]): ConditionFlip[] =>
  flips.flatMap((flip) => (flip.kind === 'condition' ? flip : []))
const permit = (condition: string): string => `@id("p") permit (principal, action, resource) when { ${condition} };`

describe('an allow', () => {
  const TEMPLATE = '@id("viewer") permit (principal in ?principal, action, resource in ?resource);'

  it('names its permits with text, place and purpose', () => {
    const text = '\n@id("all")\n@doc("everybody may")\npermit (principal, action, resource);'
    const { decision, reason, determining, nearMisses, remedies } = ask(text)
    expect({ decision, reason, nearMisses, remedies }).toEqual({
      decision: 'allow',
      reason: 'permit',
      nearMisses: [],
      remedies: [],
    })
    expect(determining).toEqual([
      {
        id: 'all',
        policy: {
          id: 'all',
          effect: 'permit',
          text: text.trim(),
          place: { file: 'p.cedar', start: 1, end: text.length, line: 2, column: 1 },
          doc: 'everybody may',
        },
        flips: [],
      },
    ])
  })

  it.each([
    ['one’s own, on the resource itself', { principal: USER, resource: PLAN }, { to: 'principal', on: 'resource' }],
    [
      'a team’s, on a folder, until a time',
      { principal: entityUid('Team', 'blue'), resource: FOLDER, untilSeconds: 200 },
      { to: 'group', on: 'ancestor', untilSeconds: 200 },
    ],
  ])('names the grant: %s', (_name, link, grant) => {
    // another grant of the same name that is not of this request stands before it
    const other = { id: 'g', template: 'viewer', principal: USER, resource: entityUid('Folder', 'other') }
    const { determining } = ask(TEMPLATE, { granted: [other, { id: 'g', template: 'viewer', ...link }] })
    expect(determining).toMatchObject([{ id: 'g', policy: { id: 'viewer' }, grant: { template: 'viewer', ...grant } }])
  })
})

describe('a missing grant', () => {
  const text = '@id("viewer") permit (principal in ?principal, action, resource in ?resource);'
  const link = { id: 'l', template: 'viewer', principal: USER, resource: PLAN }
  it.each<[string, readonly TemplateLink[], Asked, string, number | undefined]>([
    ['is none', [], {}, 'none', undefined],
    ['is of somebody else', [{ ...link, principal: entityUid('User', 'bob') }], {}, 'none', undefined],
    ['is on something else', [{ ...link, resource: entityUid('Doc', 'other') }], {}, 'elsewhere', undefined],
    [
      'was on something else',
      [{ ...link, resource: entityUid('Doc', 'other'), untilSeconds: 9 }],
      {},
      'none',
      undefined,
    ],
    ['ended at this second', [{ ...link, untilSeconds: 100 }], {}, 'expired', 100],
    [
      'ended twice',
      [
        { ...link, untilSeconds: 20 },
        { ...link, id: 'm', untilSeconds: 30 },
      ],
      {},
      'expired',
      30,
    ],
    ['ends, and nobody knows the time', [{ ...link, untilSeconds: 500 }], { nowSeconds: undefined }, 'no-time', 500],
    ['fills other slots', [{ id: 'l', template: 'viewer', resource: PLAN }], {}, 'none', undefined],
    ['is of another template', [{ ...link, template: 'editor' }], {}, 'none', undefined],
  ])('%s', (_name, granted, request, state, untilSeconds) => {
    const flips = nearest(ask(text, { ...request, granted }))
    expect(flips).toMatchObject([
      {
        kind: 'grant',
        state,
        ...(untilSeconds === undefined ? {} : { untilSeconds }),
        change: { kind: state === 'expired' ? 'renewed-grant' : 'grant', template: 'viewer', resourceType: 'Doc' },
      },
    ])
    expect(text.slice(flips[0]?.place.start, flips[0]?.place.end)).toBe('resource in ?resource')
  })

  it('on a scope that names a type lacks more than the grant', () => {
    const narrow =
      '@id("v") permit (principal == ?principal, action, resource in Folder::"secret") when { context.mfa };'
    expect(nearest(ask(narrow)).map(({ kind, change }) => [kind, change?.kind])).toEqual([
      ['scope', 'other'],
      ['grant', 'grant'],
      ['condition', 'context'],
    ])
  })
})

describe('what would change it', () => {
  it.each<[string, object | undefined]>([
    ['principal in Role::"admin"', { kind: 'membership', groups: ['Role::"admin"'], wanted: true }],
    [
      'principal in [Role::"admin", Team::"red"]',
      { kind: 'membership', groups: ['Role::"admin"', 'Team::"red"'], wanted: true },
    ],
    ['principal is User in Team::"red"', { kind: 'membership', groups: ['Team::"red"'], wanted: true }],
    ['!(principal in Team::"blue")', { kind: 'membership', groups: ['Team::"blue"'], wanted: false }],
    ['resource.owner == principal', { kind: 'ownership', attribute: 'owner', wanted: true }],
    ['resource in Folder::"open"', { kind: 'other', side: 'resource' }],
    ['principal == User::"bob"', { kind: 'other', side: 'principal' }],
    ['principal.level > 5', { kind: 'attribute', name: 'principal.level' }],
    ['principal.address.city like "b*"', { kind: 'attribute', name: 'principal.address.city' }],
    ['resource has approved', { kind: 'attribute', name: 'resource.approved' }],
    ['context.mfa', { kind: 'context', name: 'mfa' }],
    ['context.ip.isInRange(ip("10.0.0.0/8"))', { kind: 'network' }],
    ['context.now.durationSince(context.authTime) <= duration("5m")', { kind: 'second-factor' }],
    // what errs is what has to be mended, not what stands beside it
    ['context.now < principal.deadline', { kind: 'attribute', name: 'principal.deadline' }],
    ['context.now > datetime("2030-01-01")', { kind: 'context', name: 'now' }],
    ['1 == 2', undefined],
  ])('%s', (condition, change) => {
    const flips = conditions(nearest(ask(permit(condition))))
    expect(flips.map((flip) => flip.change)).toEqual([change])
    expect(condition).toContain(flips[0]?.text)
  })
})

describe('errors', () => {
  it('of a permit are part of what it lacks, with a place and no guess at the value', () => {
    const explanation = ask(permit('principal.level > 1 && resource.reviewers.contains(principal)'))
    expect(nearest(explanation)).toMatchObject([
      {
        text: 'resource.reviewers.contains(principal)',
        outcome: 'error',
        wanted: true,
        error: { code: 'ERR_POLICY_EVALUATION_ATTRIBUTE' },
        operands: [
          { text: 'resource.reviewers', kind: 'absent' },
          { text: 'principal', kind: 'Entity', type: 'User' },
        ],
      },
    ])
    expect(explanation.errors).toMatchObject([
      { id: 'p', code: 'ERR_POLICY_EVALUATION_ATTRIBUTE', place: { file: 'p.cedar', line: 1 } },
    ])
  })

  const FORBID = '@id("f") forbid (principal, action, resource) when { resource.size > 5 };'
  const ALL = 'permit (principal, action, resource);'

  it('of a forbid deny, and by Cedar’s own rule do not', () => {
    const denied = ask(ALL + FORBID)
    expect(denied).toMatchObject({ decision: 'deny', reason: 'forbid-error', nearMisses: [] })
    expect(denied.determining).toMatchObject([
      {
        id: 'f',
        error: { code: 'ERR_POLICY_EVALUATION_ATTRIBUTE' },
        flips: [{ text: 'resource.size > 5', wanted: false, outcome: 'error' }],
      },
    ])
    const skipped = ask(ALL + FORBID, { forbidErrors: 'skip' })
    expect(skipped).toMatchObject({ decision: 'allow', errors: [{ id: 'f' }] })
    expect(skipped.determining.map(({ policy }) => policy.effect)).toEqual(['permit'])
  })

  it('of a condition that is no Bool are named as that', () => {
    expect(nearest(ask(permit('principal.department')))).toMatchObject([
      { outcome: 'error', error: { code: 'ERR_POLICY_EVALUATION_TYPE' }, operands: [{ kind: 'String' }] },
    ])
  })

  it('of an entity that is not there name it as unknown', () => {
    const flips = nearest(ask(permit('principal.level > 1'), { entities: createEntities([]) }))
    expect(conditions(flips)[0]?.operands).toEqual([{ text: 'principal.level', kind: 'unknown-entity' }])
  })

  it.each<[string, Partial<Request>]>([
    [
      'entities that throw',
      {
        entities: {
          get() {
            throw new RangeError('broken')
          },
        },
      },
    ],
    ['a context that is none', { context: 5 as never }],
    ['no principal', { principal: undefined as never }],
  ])('never come out: %s', (_name, request) => {
    const program = compileProgram(parsePolicies(permit('context.mfa')).policies)
    const whole = { principal: USER, action: USER, resource: PLAN, context: new Map(), entities: PEOPLE_AND_THINGS }
    const explanation = explain(program, { ...whole, ...request })
    expect(explanation.decision).toBe('deny')
    expect(explanation.version).toBe(1)
  })
})

describe('a forbid', () => {
  it.each(['deny', 'skip'] as const)('is kept away by what does not hold, never by an error: %s', (forbidErrors) => {
    const text = 'permit (principal, action, resource); @id("f") forbid (principal, action, resource) unless'
    const { determining } = ask(`${text} { principal.level > 5 && principal };`, { forbidErrors })
    expect(determining.map(({ id, flips }) => [id, flips])).toMatchObject([
      [
        'f',
        [
          { text: 'principal.level > 5', outcome: 'false' },
          { text: 'principal', outcome: 'error' },
        ],
      ],
    ])
  })
})

describe('a forbid and nothing that permits', () => {
  it('are both named, as satisfying the one would not be enough', () => {
    const text = `@id("f") forbid (principal, action, resource) unless { context.mfa };\n${permit('principal.level > 5')}`
    const explanation = ask(text)
    expect(explanation.determining.map(({ id }) => id)).toEqual(['f'])
    expect(explanation.nearMisses.map(({ policy }) => policy.id)).toEqual(['p'])
    expect(ask(`${text}\npermit (principal, action, resource);`).nearMisses).toEqual([])
  })
})

describe('the default deny', () => {
  const schema = createSchema({
    entities: {
      User: { parents: [], attributes: {} },
      Team: { parents: [], attributes: {} },
      Doc: { parents: ['Folder'], attributes: {} },
      Folder: { parents: [], attributes: {} },
    },
    actions: Object.fromEntries(
      ['view', 'edit', 'share'].map((id) => [
        id,
        {
          uid: { type: 'Action', id },
          memberOf: [],
          principals: ['User', 'Team'],
          resources: ['Doc', 'Folder'],
          context: {},
        },
      ]),
    ),
  })
  const text =
    'permit (principal is Team, action == Action::"edit", resource);\npermit (principal, action == Action::"view", resource is Folder);'

  it.each<[string, Asked, object]>([
    ['with a schema', { schema }, { actions: [], principalTypes: [], resourceTypes: ['Folder'] }],
    ['without', {}, { actions: [], principalTypes: [], resourceTypes: ['Folder'] }],
    [
      'of an action for others',
      { schema, action: entityUid('Action', 'edit') },
      { actions: [], principalTypes: ['Team'], resourceTypes: [] },
    ],
    [
      'of a folder',
      { schema, action: entityUid('Action', 'edit'), resource: FOLDER },
      { actions: ['Action::"view"'], principalTypes: ['Team'], resourceTypes: [] },
    ],
    [
      'of an action that does not exist',
      { schema, action: entityUid('Action', 'vieww'), resource: FOLDER },
      { meant: 'Action::"view"', actions: ['Action::"view"'], principalTypes: [], resourceTypes: [] },
    ],
  ])('says what permits are for, %s', (_name, request, nearby) => {
    const explanation = ask(text, request)
    expect(explanation).toMatchObject({ decision: 'deny', reason: 'no-permit', determining: [], nearMisses: [] })
    expect(explanation.nearby).toEqual(nearby)
  })
})

describe('values', () => {
  const marked = { annotations: { loggable: '' } }
  const definition: SchemaDefinition = {
    entities: {
      User: {
        parents: [],
        attributes: {
          department: { type: 'String', ...marked },
          level: { type: 'Long' },
          manager: { type: 'Entity', name: 'User', ...marked },
          address: {
            type: 'Record',
            attributes: { city: { type: 'String', ...marked }, street: { type: 'String' } },
          },
        },
      },
      Doc: {
        parents: ['Folder'],
        attributes: { owner: { type: 'Entity', name: 'User' }, classified: { type: 'Bool' } },
        ...marked,
      },
      Folder: { parents: [], attributes: {} },
    },
    actions: {
      view: {
        uid: { type: 'Action', id: 'view' },
        memberOf: [],
        principals: ['User'],
        resources: ['Doc'],
        context: { mfa: { type: 'Bool', ...marked } },
      },
    },
  }
  const schema = createSchema(definition)

  it.each<[string, string, readonly Operand[]]>([
    [
      'a marked attribute',
      'principal.department == ""',
      [{ text: 'principal.department', kind: 'String', value: '"sales"' }],
    ],
    ['one that is not', 'principal.level > 5', [{ text: 'principal.level', kind: 'Long' }]],
    [
      'a marked field',
      'principal.address.city == ""',
      [{ text: 'principal.address.city', kind: 'String', value: '"oslo"' }],
    ],
    ['its neighbour', 'principal.address.street == ""', [{ text: 'principal.address.street', kind: 'String' }]],
    [
      'a marked reference, and not what is behind it',
      'principal.manager == principal.manager.manager && principal.manager.level < 0',
      [
        { text: 'principal.manager', kind: 'Entity', type: 'User', value: 'User::"bob"' },
        { text: 'principal.manager.manager', kind: 'absent' },
      ],
    ],
    [
      'a marked attribute behind a reference',
      'principal.manager.department == ""',
      [{ text: 'principal.manager.department', kind: 'String', value: '"board"' }],
    ],
    [
      'ids of a marked type',
      'resource == resource.owner',
      [
        { text: 'resource', kind: 'Entity', type: 'Doc', value: 'Doc::"plan"' },
        { text: 'resource.owner', kind: 'Entity', type: 'User' },
      ],
    ],
    ['marked context', 'context.mfa', [{ text: 'context.mfa', kind: 'Bool', value: 'false' }]],
    [
      'one of two branches',
      '(if context.mfa then principal else principal.manager).level > 9',
      [{ text: '(if context.mfa then principal else principal.manager).level', kind: 'Long' }],
    ],
    ['a tag', 'principal.hasTag("x")', [{ text: 'principal.getTag("x")', kind: 'absent' }]],
  ])('are shown where the schema says so: %s', (_name, condition, operands) => {
    expect(conditions(nearest(ask(permit(condition), { schema })))[0]?.operands).toEqual(operands)
  })

  it('are not shown without a schema', () => {
    const explanation = ask(permit('principal.department == "" && context.mfa'))
    expect(JSON.stringify(explanation)).not.toContain('sales')
    expect(
      conditions(nearest(explanation)).flatMap(({ operands }) => operands.flatMap(({ value }) => value ?? [])),
    ).toEqual([])
  })
})

describe('bounds', () => {
  it('list the nearest and say how many more there are', () => {
    const text = Array.from(
      { length: 40 },
      (_, index) => `@id("t${index}") permit (principal in Team::"t${index}", action, resource);`,
    )
    const explanation = ask([...text, permit('context.mfa')].join('\n'))
    expect(explanation.nearMisses.map(({ policy }) => policy.id)).toEqual(['p', 't0', 't1', 't2', 't3'])
    expect(explanation.more).toEqual({ determining: 0, errors: 0, nearMisses: 36 })
  })
})

describe('cost', () => {
  it('looks at the text of what is shown, and of nothing else', () => {
    let looked = 0
    class Counted extends Map<string, string> {
      override get(name: string): string | undefined {
        looked += 1
        return super.get(name)
      }
    }
    const text = Array.from(
      { length: 300 },
      (_, index) => `permit (principal in Team::"t${index}", action, resource) when { context.mfa };`,
    ).join('\n')
    const program = compileProgram(parsePolicies(text, { file: 'p.cedar' }).policies)
    const request = { principal: USER, action: USER, resource: PLAN, context: new Map(), entities: PEOPLE_AND_THINGS }
    const { nearMisses } = explain(program, request, { sources: new Counted([['p.cedar', text]]), limit: 3 })
    expect(nearMisses.length).toBe(3)
    // of each policy its own text and place, and those of two flips
    expect(looked).toBeLessThanOrEqual(3 * 6)
  })
})
