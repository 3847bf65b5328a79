// What residuals say beside the decision, by hand: until when they hold, what can err, and that whatever is not filled in is denied.

import {
  type AttributeDefinitions,
  childrenOf,
  compileProgram,
  createEntities,
  createLinks,
  createSchema,
  decide,
  type EntityUid,
  entityUid,
  evaluateResidual,
  type Expression,
  parsePolicies,
  type PartialRequest,
  type Program,
  residual,
  type SchemaDefinition,
  type TemplateLink,
  unknownEntity,
} from '@cardea/policy'
import type { Check } from './check.ts'

const START = 1_700_000_000
const ANN = entityUid('User', 'ann')
const DOC = entityUid('Doc', '1')
const VIEW = entityUid('Action', 'view')
const TEAM = entityUid('Team', 't')
const ENTITIES = createEntities([{ uid: ANN }])
const context = (seconds: number) =>
  new Map([['now', { kind: 'datetime' as const, milliseconds: BigInt(seconds) * 1000n + 500n }]])
const PARTIAL: PartialRequest = {
  principal: ANN,
  action: VIEW,
  resource: unknownEntity('Doc'),
  context: context(START),
  entities: ENTITIES,
  nowSeconds: START,
}

/** 2023-11-14T22:13:30Z: ten seconds after the start. */
const T = 'datetime("2023-11-14T22:13:30Z")'
/** A condition with the time, and after how many seconds it may come out otherwise. */
const TIMES: readonly (readonly [condition: string, seconds: number | undefined])[] = [
  [`context.now < ${T}`, 10],
  [`context.now <= ${T}`, 10],
  [`context.now > ${T}`, 10],
  [`context.now >= ${T}`, 10],
  [`context.now == ${T}`, 10],
  [`context.now != ${T}`, 10],
  [`${T} > context.now`, 10],
  [`${T} < context.now`, 10],
  [`context.now > datetime("2023-01-01")`, undefined],
  [`context.now.toDate() == datetime("2023-11-14")`, 6400],
  [`context.now.toTime() < duration("23h")`, 2800],
  [`context.now.toTime() > duration("22h")`, 6400],
  [`context.now.offset(duration("4s")) < ${T}`, 6],
  [`context.now.durationSince(${T}) < duration("5s")`, 15],
  [`${T}.durationSince(context.now) > duration("3s")`, 7],
  [`context.now < ${T} && context.now < datetime("2023-11-14T22:13:25Z")`, 5],
  ['context.now < datetime("2023-11-14T22:13:29.999Z")', 9],
  ['context.now <= datetime("2023-11-14T22:13:29.999Z")', 10],
  ['context.now == datetime("2023-11-14T22:13:29.999Z")', 9],
  [`context.now == resource.made`, 0],
  [`context == resource.made`, 0],
  [`[context.now].contains(${T})`, 0],
  ['true', undefined],
]
const STEPS = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 14, 15, 2799, 2800, 6399, 6400, 90_000]

const TEMPLATES = `@id("p") permit (principal == ?principal, action, resource);
@id("f") forbid (principal == ?principal, action, resource);`
/** Links with ends, and after how many seconds one of them makes a difference. */
const ENDS: readonly (readonly [
  links: readonly (readonly [template: string, end?: number])[],
  seconds: number | undefined,
])[] = [
  [[['p']], undefined],
  [[['p', 7]], 7],
  [
    [
      ['p', 7],
      ['p', 9],
    ],
    7,
  ],
  [[['p', -1]], undefined],
  [[['p', 0]], undefined],
  [[['p'], ['f', 3]], 3],
  [[['p'], ['f', -3]], undefined],
]

const SCHEMA: SchemaDefinition = {
  entities: {
    User: { parents: ['Team'], attributes: {} },
    Team: { parents: [], attributes: {} },
    Doc: {
      parents: [],
      attributes: {
        level: { type: 'Long' },
        opt: { type: 'Bool', optional: true },
        owner: { type: 'Entity', name: 'User' },
        team: { type: 'Entity', name: 'Team' },
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
}
/** Of a checked request: a condition, whether it can err, and whether reading `opt` can where it stands. */
const MARKS: readonly (readonly [condition: string, canErr: boolean, ofOpt: boolean | undefined])[] = [
  ['resource.level > 1', false, undefined],
  ['resource.level + 1 > 1', true, undefined],
  ['resource.opt', true, true],
  ['resource has opt && resource.opt', false, false],
  ['!(resource has opt) || resource.opt', false, false],
  ['!(resource has opt) && resource.opt', true, true],
  ['resource has opt || resource.opt', true, true],
  ['(resource has opt && resource.level > 1) && resource.opt', false, false],
  ['(resource has opt || resource.level > 1) && resource.opt', true, true],
  ['!(resource has opt && resource.level > 1) && resource.opt', true, true],
  ['(!(resource has opt) || resource.level > 1) || resource.opt', false, false],
  ['(!(resource has opt) && resource.level > 1) || resource.opt', true, true],
  ['if resource has opt then resource.opt else resource.level > 1', false, false],
  ['if resource has opt then resource.level > 1 else resource.opt', true, true],
  ['if !(resource has opt) then resource.level > 1 else resource.opt', false, false],
]

/** A side that decides, or errs, is the whole: policies of which nothing is left to ask. */
const KINDS: readonly (readonly [text: string, kind: string])[] = [
  [permit('(principal == User::"bob" && resource.a) == false'), 'always-allow'],
  [permit('(principal == User::"ann" || resource.a) == true'), 'always-allow'],
  [`${permit('true')} forbid (principal, action, resource) when { principal.absent && resource.a };`, 'always-deny'],
  [
    `${permit('true')} forbid (principal, action, resource) when { resource.a + (9223372036854775807 + 1) > 0 };`,
    'always-deny',
  ],
  [permit('resource.a'), 'conditional'],
]

export const rows: Check = {
  name: 'rows',
  run() {
    for (const [condition, seconds] of TIMES) {
      for (const text of [
        permit(condition),
        `${permit('true')} forbid (principal, action, resource) when { ${condition} };`,
      ]) {
        const failure = untilFailure(programOf(text), [], seconds)
        if (failure !== undefined) return `${text}: ${failure}`
      }
    }
    for (const [links, seconds] of ENDS) {
      const made = links.map(([template, end], index): TemplateLink => {
        const link = { id: `l${index}`, template, principal: ANN }
        return end === undefined ? link : { ...link, untilSeconds: START + end }
      })
      const failure = untilFailure(programOf(TEMPLATES), made, seconds)
      if (failure !== undefined) return `${JSON.stringify(links)}: ${failure}`
    }
    const wrong = MARKS.find(([condition, ...marks]) => marksOf(condition).join() !== marks.join())
    if (wrong !== undefined) return `${wrong[0]} is marked wrong`
    const other = KINDS.find(([text, kind]) => residual(programOf(text), PARTIAL).kind !== kind)
    if (other !== undefined) return `not ${other[1]}: ${other[0]}`
    return (
      contextFailure() ??
      declaredFailure() ??
      checkedFailure() ??
      unfilledFailure() ??
      ownGroupsFailure() ??
      brokenFailure()
    )
  },
}

function permit(condition: string): string {
  return `permit (principal, action, resource) when { ${condition} };`
}

function programOf(text: string): Program {
  return compileProgram(parsePolicies(text, { ids: /@id/.test(text) ? 'annotation' : 'position' }).policies)
}

/** It holds until then and not longer, and until then it decides as the program does. */
function untilFailure(program: Program, own: readonly TemplateLink[], seconds: number | undefined): string | undefined {
  const links = createLinks(own)
  const left = residual(program, { ...PARTIAL, links })
  const expected = seconds === undefined ? undefined : START + seconds
  if (left.validUntil !== expected) return `it holds until ${left.validUntil}, not ${expected}`
  for (const step of STEPS) {
    const now = START + step
    if (left.validUntil !== undefined && now >= left.validUntil) break
    const filling = { principal: ANN, action: VIEW, resource: DOC, context: context(now), entities: ENTITIES }
    const then = decide(program, { ...filling, links, nowSeconds: now }).decision
    if (evaluateResidual(left, filling).decision !== then) return `after ${step} s it is not true any more`
  }
  return undefined
}

/** As a row of `MARKS`. */
function marksOf(condition: string): readonly (boolean | undefined)[] {
  const program = compileProgram(parsePolicies(permit(condition)).policies, { schema: createSchema(SCHEMA) })
  const left = residual(program, { ...PARTIAL, context: new Map(), checked: true })
  const root = left.kind === 'conditional' ? left.permits[0]?.condition : undefined
  if (root?.valueType?.type !== 'Bool') return []
  return [root.canErr, optOf(root)]
}

function optOf(node: Expression): boolean | undefined {
  if (node.kind === 'attribute' && node.name === 'opt') return 'canErr' in node && node.canErr === true
  return childrenOf(node)
    .map(optOf)
    .find((found) => found !== undefined)
}

/** A name that the context may turn out to have is neither absent nor what it is now. */
function contextFailure(): string | undefined {
  const cases = ['context has mfa && context.mfa', 'context == {"mfa": true}'].flatMap((condition) =>
    ([['mfa'], 'others'] as const).map((unknownContext) => ({ program: programOf(permit(condition)), unknownContext })),
  )
  for (const { program, unknownContext } of cases) {
    const left = residual(program, { ...PARTIAL, resource: DOC, context: new Map(), unknownContext })
    for (const mfa of [true, false]) {
      const { decision } = evaluateResidual(left, {
        context: new Map([['mfa', mfa]]),
        entities: ENTITIES,
        principal: ANN,
        action: VIEW,
        resource: DOC,
      })
      if ((decision === 'allow') !== mfa)
        return `unknown context is taken for absent: ${JSON.stringify(unknownContext)}`
    }
  }
  return undefined
}

/** Of an unknown action: what one context need not have is not taken to be there, and nothing is of what nobody has checked. */
function declaredFailure(): string | undefined {
  const { view } = SCHEMA.actions
  if (view === undefined) return 'the schema has no action'
  const mfa = { type: 'Bool' } as const
  const contexts: readonly AttributeDefinitions[] = [{}, { mfa: { ...mfa, optional: true } }]
  for (const context of contexts) {
    const edit = { ...view, uid: { type: 'Action', id: 'edit' }, context }
    const actions = { view: { ...view, context: { mfa } }, edit }
    const schema = createSchema({ ...SCHEMA, actions })
    const program = compileProgram(parsePolicies(permit('context has mfa')).policies, { schema })
    const unknown = { ...PARTIAL, action: unknownEntity(), resource: DOC, context: new Map(), checked: true }
    const left = residual(program, { ...unknown, unknownContext: 'others' })
    const filling = { principal: ANN, action: entityUid('Action', 'edit'), resource: DOC, entities: ENTITIES }
    if (evaluateResidual(left, { ...filling, context: new Map() }).decision !== 'deny')
      return 'context is taken to be there'
  }
  const program = compileProgram(parsePolicies(permit('resource.level > 1')).policies, { schema: createSchema(SCHEMA) })
  const left = residual(program, PARTIAL)
  const canErr = left.kind === 'conditional' && left.permits.every(({ condition }) => condition.canErr)
  return canErr ? undefined : 'what nobody has checked is relied on'
}

/** What the schema says of a checked request: names that it does not have are not there, and what is known is in its groups. */
function checkedFailure(): string | undefined {
  const partial = {
    ...PARTIAL,
    context: new Map(),
    checked: true,
    entities: createEntities([{ uid: ANN, parents: [TEAM] }]),
  }
  const leave = (condition: string) =>
    residual(compileProgram(parsePolicies(permit(condition)).policies, { schema: createSchema(SCHEMA) }), partial)
  if (leave('resource has nothing').kind !== 'always-deny') return 'what no schema declares is there'
  if (leave('!(resource has nothing)').kind !== 'always-allow') return 'what no schema declares may be there'
  const left = leave('principal in resource.team')
  for (const [team, expected] of [
    [TEAM, 'allow'],
    [entityUid('Team', 'u'), 'deny'],
  ] as const) {
    const resourceEntity = createEntities([{ uid: DOC, attributes: { team } }]).get(DOC)
    const { decision } = evaluateResidual(left, { resource: DOC, resourceEntity, entities: partial.entities })
    if (decision !== expected) return 'the groups of what is known are lost'
  }
  return undefined
}

function unfilledFailure(): string | undefined {
  const left = residual(programOf('permit (principal, action, resource) unless { resource == Doc::"2" };'), PARTIAL)
  const { decision } = evaluateResidual(left, { principal: ANN, action: VIEW, context: new Map(), entities: ENTITIES })
  if (decision !== 'deny') return 'what is not filled in is allowed'
  const resourceEntity = createEntities([{ uid: DOC }]).get(DOC)
  const filled = evaluateResidual(left, { resourceEntity, context: new Map(), entities: ENTITIES })
  return filled.decision === 'allow' ? undefined : 'what an entity fills in is denied'
}

/** A principal without an entity may be the unknown resource, which has groups. */
function ownGroupsFailure(): string | undefined {
  const program = programOf('permit (principal in Team::"t", action, resource);')
  const eve = entityUid('User', 'eve')
  const left = residual(program, { ...PARTIAL, principal: eve, resource: unknownEntity('User') })
  const entities = createEntities([{ uid: eve, parents: [TEAM] }])
  const fill = (resource: EntityUid, found: typeof entities): string =>
    evaluateResidual(left, { principal: eve, action: VIEW, resource, context: new Map(), entities: found }).decision
  if (fill(eve, entities) !== 'allow') return 'the groups of a principal that is the resource are lost'
  return fill(ANN, ENTITIES) === 'deny' ? undefined : 'a principal without groups is in one'
}

/** What fails is a denial that holds for no time. */
function brokenFailure(): string | undefined {
  const entities = {
    get: () => {
      throw new Error('no connection')
    },
  }
  const left = residual(programOf(permit('true')), { ...PARTIAL, entities })
  return left.kind === 'always-deny' && left.validUntil === 0 ? undefined : `what fails is ${left.kind}`
}
