// Residuals by hand: what is left of a policy, as text.

import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import type { TemplateLink } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import { createEntities } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { evaluateResidual } from '../../src/residual/evaluate.ts'
import { residual } from '../../src/residual/residual.ts'
import { unknownEntity } from '../../src/residual/request.ts'
import type { PartialRequest } from '../../src/residual/request.ts'
import type { Residual } from '../../src/residual/residual.ts'
import { createSchema } from '../../src/schema/schema.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { printExpression } from '../../src/print/print-policy.ts'
import { setValue } from '../../src/value/equality.ts'
import type { Value } from '../../src/value/value.ts'

const ANN = entityUid('User', 'ann')
const TEAM = entityUid('Team', 't')
const ENTITIES = createEntities([
  {
    uid: ANN,
    parents: [TEAM, entityUid('Team', 'u'), entityUid('Folder', 'f')],
    attributes: { level: 3, docs: setValue([entityUid('Doc', '1')]) },
  },
])
const REQUEST: PartialRequest = {
  principal: ANN,
  action: entityUid('Action', 'view'),
  resource: unknownEntity('Doc'),
  context: new Map<string, Value>([['mfa', true]]),
  entities: ENTITIES,
}

function residualOf(
  text: string,
  options: { readonly request?: Partial<PartialRequest>; readonly forbidErrors?: 'skip' | 'deny' } = {},
): Residual {
  const { policies, problems } = parsePolicies(text)
  expect(problems).toEqual([])
  const { request = {}, forbidErrors = 'deny' } = options
  return residual(compileProgram(policies, { forbidErrors }), { ...REQUEST, ...request })
}

/** The condition of the only policy left, or the kind. */
function show(left: Residual): string {
  if (left.kind !== 'conditional') return left.kind
  return [...left.permits, ...left.forbids].map(({ condition }) => printExpression(condition)).join('; ')
}

const when = (condition: string): string => `permit (principal, action, resource) when { ${condition} };`

describe('what is left of a permit', () => {
  it.each([
    ['context.mfa', 'always-allow'],
    ['!context.mfa', 'always-deny'],
    ['context.absent', 'always-deny'],
    ['principal.level + 1 == 4', 'always-allow'],
    ['resource.owner == principal', 'resource.owner == User::"ann"'],
    ['resource.owner == principal && context.mfa', 'resource.owner == User::"ann"'],
    ['context.mfa && resource.owner == principal', 'resource.owner == User::"ann"'],
    ['!context.mfa && resource.owner == principal', 'always-deny'],
    ['resource.owner == principal && !context.mfa', 'always-deny'],
    ['resource.owner == principal || context.mfa', 'resource.owner == User::"ann" || true'],
    ['resource == Doc::"1" || context.mfa', 'always-allow'],
    ['context.mfa || resource.owner == principal', 'always-allow'],
    ['!context.mfa || resource.owner == principal', 'resource.owner == User::"ann"'],
    ['resource.owner == principal || context.absent', 'resource.owner == User::"ann"'],
    ['context.absent || resource.public', 'always-deny'],
    ['resource.public && context.absent', 'always-deny'],
    ['resource.public', 'resource.public'],
    ['resource.public && true', 'resource.public'],
    ['if context.mfa then resource.public else resource.secret', 'resource.public'],
    ['if resource.public then context.mfa else false', 'if resource.public then true else false'],
    ['if resource.public then false else context.absent', 'always-deny'],
    ['!(resource.secret || context.mfa)', 'always-deny'],
    ['!(resource.secret && context.mfa)', '!resource.secret'],
    ['resource is Doc', 'always-allow'],
    ['resource is Team', 'always-deny'],
    ['resource is Doc in Folder::"f"', 'resource in Folder::"f"'],
    ['resource == Team::"t"', 'always-deny'],
    ['resource != Team::"t"', 'always-allow'],
    ['resource == 1', 'always-deny'],
    ['resource == Doc::"1"', 'resource == Doc::"1"'],
    ['resource in []', 'always-deny'],
    ['resource in [1]', 'always-deny'],
    ['resource in principal.docs', 'resource in [Doc::"1"]'],
    ['principal.docs.contains(resource)', '[Doc::"1"].contains(resource)'],
    ['[].contains(resource)', 'always-deny'],
    ['[].contains(resource.absent)', '[].contains(resource.absent)'],
    ['principal in resource', 'always-deny'],
    ['principal in resource.team', 'User::"ann" in resource.team'],
    ['principal in Team::"t" && resource.public', 'resource.public'],
    ['resource.owner.level > principal.level', 'resource.owner.level > 3'],
    ['Doc::"9".public', 'Doc::"9".public'],
    ['Folder::"9".public', 'always-deny'],
    ['Folder::"9" has public', 'always-deny'],
    ['Doc::"9" has public', 'Doc::"9" has public'],
    ['Doc::"9" in Folder::"f"', 'Doc::"9" in Folder::"f"'],
    ['Doc::"9".hasTag("a")', 'Doc::"9".hasTag("a")'],
    ['resource has name && resource.name like "a*"', 'resource has name && resource.name like "a*"'],
    ['{a: resource.x, b: principal.level}.b == 3', '{a: resource.x, b: 3}.b == 3'],
    ['[resource.x, principal.level].contains(3)', '[resource.x, 3].contains(3)'],
  ])('%s', (condition, expected) => expect(show(residualOf(when(condition)))).toBe(expected))

  it.each([
    ['principal == User::"ann"', 'action', 'resource', 'always-allow'],
    ['principal == User::"bob"', 'action', 'resource', 'always-deny'],
    ['principal in Team::"t"', 'action', 'resource', 'always-allow'],
    ['principal', 'action == Action::"edit"', 'resource', 'always-deny'],
    ['principal', 'action in [Action::"edit", Action::"view"]', 'resource', 'always-allow'],
    ['principal', 'action', 'resource == Doc::"1"', 'resource == Doc::"1"'],
    ['principal', 'action', 'resource == Team::"1"', 'always-deny'],
    ['principal', 'action', 'resource in Folder::"f"', 'resource in Folder::"f"'],
    ['principal', 'action', 'resource is Doc in Folder::"f"', 'resource in Folder::"f"'],
    ['principal', 'action', 'resource is Team', 'always-deny'],
  ])('scope (%s, %s, %s)', (principal, action, resource, expected) => {
    expect(show(residualOf(`permit (${principal}, ${action}, ${resource});`))).toBe(expected)
  })

  it('asks whether the principal is in a resource of a group type', () => {
    const request = { resource: unknownEntity('Team') }
    expect(show(residualOf(when('principal in resource'), { request }))).toBe(
      '[Team::"t", Team::"u"].contains(resource)',
    )
    const ghost = { resource: unknownEntity('User'), principal: entityUid('User', 'ghost') }
    expect(show(residualOf(when('principal in resource'), { request: ghost }))).toBe(
      '[User::"ghost"].contains(resource)',
    )
    expect(show(residualOf('permit (principal in Team::"t", action, resource);', { request: ghost }))).toBe(
      'User::"ghost" in Team::"t"',
    )
  })

  it('knows the types of attributes from the schema', () => {
    const schema = createSchema({
      entities: {
        User: { parents: ['Team'], attributes: {} },
        Team: { parents: [], attributes: {} },
        Doc: {
          parents: [],
          attributes: {
            team: { type: 'Entity', name: 'Team' },
            teams: { type: 'Set', element: { type: 'Entity', name: 'Team' } },
            nested: { type: 'Record', attributes: { team: { type: 'Entity', name: 'Team' } } },
          },
        },
      },
      actions: {
        view: {
          uid: { type: 'Action', id: 'view' },
          memberOf: [],
          principals: ['User'],
          resources: ['Doc'],
          context: {},
        },
      },
    })
    const left = (condition: string) =>
      show(residual(compileProgram(parsePolicies(when(condition)).policies, { schema }), REQUEST))
    expect(left('principal in resource.team')).toBe('[Team::"t", Team::"u"].contains(resource.team)')
    expect(left('principal in resource.nested.team')).toBe('[Team::"t", Team::"u"].contains(resource.nested.team)')
    expect(left('principal in resource.teams')).toBe('resource.teams.containsAny([Team::"t", Team::"u"])')
    expect(left('User::"ghost" in resource.teams')).toBe('resource.teams.containsAny([])')
  })
})

describe('what nobody has loaded', () => {
  const schema = createSchema({
    entities: {
      User: { parents: [], attributes: {} },
      Team: { parents: ['Team'], attributes: {} },
      Doc: { parents: [], attributes: { team: { type: 'Entity', name: 'Team' } } },
    },
    actions: {
      view: {
        uid: { type: 'Action', id: 'view' },
        memberOf: [],
        principals: ['User'],
        resources: ['Doc'],
        context: {},
      },
    },
  })
  const doc = entityUid('Doc', '1')
  const entities = createEntities([{ uid: doc, attributes: { team: TEAM } }])
  const left = (type?: string) =>
    show(
      residual(compileProgram(parsePolicies(when('resource.team in Team::"u"')).policies, { schema }), {
        ...REQUEST,
        principal: unknownEntity(type),
        resource: doc,
        entities,
        checked: true,
      }),
    )

  it('is not there, but for the unknown type', () => {
    expect(left('User')).toBe('always-deny')
    expect(left('Team')).toBe('Team::"t" in Team::"u"')
  })

  it('may be of any type where the unknown has none, though the action implies one', () => {
    expect(left()).toBe('Team::"t" in Team::"u"')
  })
})

describe('what is left of a forbid', () => {
  const PERMIT = '@id("p") permit (principal, action, resource);'
  const unless = (condition: string): string =>
    `${PERMIT} @id("f") forbid (principal, action, resource) unless { ${condition} };`

  it.each([
    ['context.mfa', 'always-allow', 'always-allow'],
    ['!context.mfa', 'always-deny', 'always-deny'],
    ['context.absent', 'always-deny', 'always-allow'],
    ['resource.public', 'true; !resource.public', 'true; !resource.public'],
    ['resource.public && context.mfa', 'true; !resource.public', 'true; !resource.public'],
    ['resource.public || context.mfa', 'true; !(resource.public || true)', 'always-allow'],
    ['resource.public && !context.mfa', 'always-deny', 'true; !(resource.public && false)'],
    ['resource.public && context.absent', 'always-deny', 'true; !resource.public'],
  ])('unless %s', (condition, deny, skip) => {
    expect(show(residualOf(unless(condition), { forbidErrors: 'deny' }))).toBe(deny)
    expect(show(residualOf(unless(condition), { forbidErrors: 'skip' }))).toBe(skip)
  })

  it('says why nothing is allowed', () => {
    expect(residualOf(unless('!context.mfa'))).toEqual({ kind: 'always-deny', reason: 'forbid', determining: ['f'] })
    expect(residualOf(unless('context.absent'))).toEqual({
      kind: 'always-deny',
      reason: 'forbid-error',
      determining: ['f'],
    })
    expect(residualOf('')).toEqual({ kind: 'always-deny', reason: 'no-permit', determining: [] })
    expect(residualOf(PERMIT)).toEqual({ kind: 'always-allow', permits: ['p'] })
  })
})

describe('what is left of links', () => {
  const VIEWER =
    '@id("viewer") permit (principal == ?principal, action, resource in ?resource) unless { resource.secret };'
  const OWNER = '@id("owner") permit (principal in ?principal, action, resource == ?resource);'
  const links = (...list: Omit<TemplateLink, 'id'>[]) =>
    createLinks(list.map((link, at) => ({ ...link, id: `l${at}` })))
  const doc = (id: string) => entityUid('Doc', id)

  it('is one policy for each template', () => {
    const request = {
      nowSeconds: 50,
      links: links(
        { template: 'viewer', principal: ANN, resource: doc('1') },
        { template: 'viewer', principal: ANN, resource: entityUid('Folder', 'f') },
        { template: 'viewer', principal: entityUid('User', 'bob'), resource: doc('2') },
        { template: 'viewer', principal: ANN, resource: doc('3'), untilSeconds: 50 },
        { template: 'owner', principal: TEAM, resource: doc('4') },
        { template: 'owner', principal: ANN, resource: entityUid('Team', '5') },
      ),
    }
    const left = residualOf(VIEWER + OWNER, { request })
    expect(show(left)).toBe('resource in [Doc::"1", Folder::"f"] && !resource.secret; resource == Doc::"4"')
    const ids = left.kind === 'conditional' ? left.permits.map(({ id, links: of }) => [id, of]) : []
    expect(ids).toEqual([
      ['viewer', ['l0', 'l1']],
      ['owner', ['l4']],
    ])
  })

  it('of one resource slot that must be equal is a list of ids', () => {
    const request = {
      links: links(
        { template: 'owner', principal: ANN, resource: doc('1') },
        { template: 'owner', principal: TEAM, resource: doc('2') },
      ),
    }
    expect(show(residualOf(OWNER, { request }))).toBe('[Doc::"1", Doc::"2"].contains(resource)')
  })

  it('is nothing without links', () => {
    expect(show(residualOf(VIEWER + OWNER))).toBe('always-deny')
  })
})

describe('evaluateResidual', () => {
  const TEXT = `@id("p") permit (principal, action, resource) when { resource.level < 3 };
    @id("f") forbid (principal, action, resource) when { resource.secret };`
  const document = (attributes: { readonly [name: string]: Value }) => {
    const uid = entityUid('Doc', '1')
    const entity = createEntities([{ uid, attributes }]).get(uid)
    if (entity === undefined) throw new Error('it was just made')
    return entity
  }

  it.each([
    [{ level: 1, secret: false }, 'deny', 'allow', 'permit'],
    [{ level: 3, secret: false }, 'deny', 'deny', 'no-permit'],
    [{ level: 1, secret: true }, 'deny', 'deny', 'forbid'],
    [{ level: 1 }, 'deny', 'deny', 'forbid-error'],
    [{ level: 1 }, 'skip', 'allow', 'permit'],
    [{ secret: false }, 'deny', 'deny', 'no-permit'],
  ] as const)('%j under %s', (attributes, forbidErrors, decision, reason) => {
    const left = residualOf(TEXT, { forbidErrors })
    expect(evaluateResidual(left, { resourceEntity: document(attributes), entities: ENTITIES })).toMatchObject({
      decision,
      reason,
    })
    // a second time from the compiled form
    expect(evaluateResidual(left, { resourceEntity: document(attributes), entities: ENTITIES })).toMatchObject({
      decision,
      reason,
    })
  })

  it('reads other entities that the resource refers to', () => {
    const left = residualOf(when('resource.owner.level == principal.level'))
    expect(evaluateResidual(left, { resourceEntity: document({ owner: ANN }), entities: ENTITIES }).decision).toBe(
      'allow',
    )
    expect(
      evaluateResidual(left, { resourceEntity: document({ owner: entityUid('User', 'ghost') }), entities: ENTITIES })
        .decision,
    ).toBe('deny')
  })

  it('denies when the entities fail', () => {
    const left = residualOf(when('resource.owner.level == 3'))
    const entities = {
      get: () => {
        throw new Error('no connection')
      },
    }
    expect(evaluateResidual(left, { resourceEntity: document({ owner: ANN }), entities })).toMatchObject({
      decision: 'deny',
      reason: 'forbid-error',
    })
    expect(residualOf(TEXT, { request: { entities } })).toMatchObject({ kind: 'always-deny', reason: 'forbid-error' })
  })
})
