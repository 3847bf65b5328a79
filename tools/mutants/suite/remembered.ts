// What an engine remembers of a caller never answers for another request: callers who come back for other actions and resources, whose
// grants are replaced or end between two decisions, whose entity is given for somebody else. What each policy says is told here once
// more, in a few lines, and each answer compared with that. Ids are shared by types, entities have layouts of their own.

import {
  createEntities,
  createLinks,
  decide,
  type Entity,
  type EntityUid,
  entityUid,
  type Links,
  parsePolicies,
  type Program,
  sameEntity,
  type TemplateLink,
  type Value,
} from '@cardea/policy'
import { EVALUATORS } from '../../../conformance/engine.ts'
import { Random } from '../../../conformance/fuzz/random.ts'
import type { Check } from './check.ts'

/** One side of a scope: any, `==`, `in`, `is`, `is ... in`. An entity of `undefined` is the slot. */
interface Side {
  readonly kind: 'any' | 'equal' | 'in' | 'is' | 'is in'
  readonly type: string
  readonly entity: EntityUid | undefined
}

interface Told {
  readonly id: string
  readonly effect: 'permit' | 'forbid'
  readonly action: string | undefined
  readonly principal: Side
  readonly resource: Side
  readonly condition: (typeof CONDITIONS)[number]
  readonly isTemplate: boolean
}

interface Asked {
  readonly principal: EntityUid
  readonly principalEntity: Entity | undefined
  readonly action: EntityUid
  readonly resource: EntityUid
  readonly level: number
  readonly links: readonly TemplateLink[]
  readonly nowSeconds: number | undefined
}

const NOW = 1_700_000_000
const uid = (type: string, id: string): EntityUid => entityUid(type, id)
const [ANN, BOB, EVE] = [uid('User', 'a'), uid('User', 'b'), uid('User', 'e')]
const USERS = [ANN, BOB, EVE]
const TEAMS = ['a', 'b', 'c'].map((id) => uid('Team', id))
const DOCS = ['a', 'b', 'c', 'd'].map((id) => uid('Doc', id))
const FOLDERS = ['a', 'b', 'c'].map((id) => uid('Folder', id))
const ACTIONS = ['view', 'edit', 'share'].map((id) => uid('Action', id))
const MANY = Array.from({ length: 150 }, (_, index) => uid('Folder', `n${index}`))

const ENTITIES = createEntities([
  { uid: ANN, attributes: { level: 1 }, parents: TEAMS.slice(0, 2) },
  { uid: BOB, attributes: { name: 'b', level: 2 } },
  // an action in a group, for which every policy is looked at
  { uid: uid('Action', 'share'), parents: [uid('Action', 'all')] },
  { uid: uid('Team', 'b'), parents: TEAMS.slice(2) },
  { uid: uid('Doc', 'a'), attributes: { owner: ANN, level: 1 }, parents: FOLDERS.slice(0, 1) },
  { uid: uid('Doc', 'b'), attributes: { level: 2, name: 'x' }, parents: [...MANY, ...FOLDERS.slice(1, 2)] },
  { uid: uid('Doc', 'c'), attributes: { name: 'y', size: 3, level: 3 } },
  { uid: uid('Folder', 'a'), attributes: {}, parents: FOLDERS.slice(2) },
  { uid: uid('Folder', 'b'), attributes: { level: 3 } },
])

/** What a condition says: it holds, does not, or errs. */
const CONDITIONS: readonly { readonly text: string; says(asked: Asked): boolean | 'errs' }[] = [
  { text: '', says: () => true },
  { text: 'when { context.absent }', says: () => 'errs' },
  { text: 'when { context.level > 1 }', says: ({ level }) => level > 1 },
  { text: 'when { context.level }', says: () => 'errs' },
  { text: 'when { resource.level == 2 }', says: ({ resource }) => levelOf(ENTITIES.get(resource), 2) },
  { text: 'unless { principal.level == 2 }', says: ({ principalEntity }) => not(levelOf(principalEntity, 2)) },
]

const ANY: Side = { kind: 'any', type: '', entity: undefined }
const PRINCIPALS: readonly Side[] = [
  ANY,
  { kind: 'is', type: 'User', entity: undefined },
  { kind: 'equal', type: 'User', entity: ANN },
  { kind: 'in', type: '', entity: ANN },
  { kind: 'in', type: '', entity: uid('Team', 'c') },
  { kind: 'is in', type: 'User', entity: uid('Team', 'b') },
]
const RESOURCES: readonly Side[] = [
  ANY,
  { kind: 'is', type: 'Doc', entity: undefined },
  { kind: 'equal', type: 'Doc', entity: uid('Doc', 'a') },
  { kind: 'equal', type: '', entity: uid('Folder', 'a') },
  { kind: 'in', type: '', entity: uid('Doc', 'b') },
  { kind: 'in', type: '', entity: uid('Folder', 'c') },
  { kind: 'is in', type: 'Doc', entity: uid('Folder', 'b') },
]
const slotsOf = (type: string): readonly Side[] =>
  (['equal', 'in', 'is in'] as const).map((kind) => ({ kind, type, entity: undefined }))

const POLICIES: readonly Told[] = [
  ...pairs(PRINCIPALS, RESOURCES, false),
  ...pairs([ANY, ...slotsOf('User')], [ANY, ...slotsOf('Doc')], true).filter(isNamed),
]
const LINKS = makeLinks()
/** What one caller holds, one after the other. */
const HELD = [LINKS, [], LINKS.filter((_, at) => at % 3 === 0), LINKS.slice(-20)].map((links) => ({
  links,
  indexed: createLinks(links),
}))

export const remembered: Check = {
  name: 'remembered',
  run() {
    // a forbid that holds hides what permits: so once with permits alone
    for (const told of [POLICIES.map((policy): Told => ({ ...policy, effect: 'permit' })), POLICIES]) {
      const { policies } = parsePolicies(told.map(textOf).join('\n'))
      if (policies.length !== told.length) return 'a policy is none'
      for (const { name, compile } of EVALUATORS) {
        const failure = failureOf(compile(policies, {}), told)
        if (failure !== undefined) return `${name}: ${failure}`
      }
    }
    return undefined
  },
}

function failureOf(program: Program, told: readonly Told[]): string | undefined {
  const random = new Random(1, 1)
  for (let run = 0; run < 80; run++) {
    const principal = random.pick(USERS)
    const held = random.pick(HELD)
    // one entity is handed out for two principals, too
    const principalEntity = ENTITIES.get(random.chance(0.2) ? random.pick(USERS) : principal)
    const own = { principal, principalEntity, action: random.pick(ACTIONS), links: held.links }
    for (let use = 0; use < 8; use++) {
      const asked = {
        ...own,
        resource: random.pick(random.chance(0.8) ? DOCS : FOLDERS),
        level: random.between(1, 2),
        nowSeconds: random.pick([NOW - 1, NOW, undefined]),
      }
      const [expected, got] = [tell(told, asked), ask(program, asked, held.indexed)]
      if (got !== expected) return `run ${run}, use ${use}: expected ${expected}, got ${got}`
    }
  }
  return undefined
}

function ask(program: Program, { level, ...asked }: Asked, links: Links): string {
  const context = new Map<string, Value>([['level', level]])
  const { decision, reason, determining, errors } = decide(program, { ...asked, links, context, entities: ENTITIES })
  return show(
    `${decision} by ${reason}`,
    determining,
    errors.map(({ policy }) => policy),
  )
}

/** The same, told without any index or memory. An entity that is nowhere is nobody's. */
function tell(policies: readonly Told[], question: Asked): string {
  const asked = { ...question, principalEntity: question.principalEntity ?? ENTITIES.get(question.principal) }
  const said = policies.flatMap((policy) => {
    if (policy.action !== undefined && policy.action !== asked.action.id) return []
    const found = policy.isTemplate ? asked.links.filter((link) => concerns(policy, link, asked)) : [undefined]
    const result = policy.condition.says(asked)
    return found
      .filter((link) => result !== false && holds(policy, link, asked))
      .map((link) => ({ id: link?.id ?? policy.id, effect: policy.effect, result }))
  })
  const ids = (effect: string, result: boolean | 'errs'): readonly string[] =>
    said.filter((one) => one.effect === effect && one.result === result).map(({ id }) => id)
  const errors = said.filter(({ result }) => result === 'errs').map(({ id }) => id)
  const forbids = ids('forbid', true)
  const erring = ids('forbid', 'errs')
  const permits = ids('permit', true)
  if (forbids.length > 0) return show('deny by forbid', forbids, errors)
  if (erring.length > 0) return show('deny by forbid-error', erring, errors)
  return show(permits.length > 0 ? 'allow by permit' : 'deny by no-permit', permits, errors)
}

function show(outcome: string, determining: readonly string[], errors: readonly string[]): string {
  return `${outcome} [${determining.toSorted().join()}] [${errors.toSorted().join()}]`
}

/** Whether the link is one of the template's that counts now. */
function concerns({ id, effect, principal, resource }: Told, link: TemplateLink, { nowSeconds }: Asked): boolean {
  if (link.template !== id) return false
  if ((principal.kind === 'any') !== (link.principal === undefined)) return false
  if ((resource.kind === 'any') !== (link.resource === undefined)) return false
  if (link.untilSeconds === undefined) return true
  return nowSeconds === undefined ? effect === 'forbid' : nowSeconds < link.untilSeconds
}

function holds({ principal, resource }: Told, link: TemplateLink | undefined, asked: Asked): boolean {
  return (
    admits(principal, link?.principal, asked.principal, asked.principalEntity) &&
    admits(resource, link?.resource, asked.resource, ENTITIES.get(asked.resource))
  )
}

function admits(side: Side, filled: EntityUid | undefined, own: EntityUid, entity: Entity | undefined): boolean {
  const named = side.entity ?? filled
  if ((side.kind === 'is' || side.kind === 'is in') && side.type !== own.type) return false
  if (named === undefined) return true
  if (sameEntity(named, own)) return true
  return side.kind !== 'equal' && entity?.ancestors.uids.some((uid) => sameEntity(uid, named)) === true
}

function levelOf(entity: Entity | undefined, level: number): boolean | 'errs' {
  const own = entity?.attributes.get('level')
  return own === undefined ? 'errs' : own === level
}

function not(result: boolean | 'errs'): boolean | 'errs' {
  return result === 'errs' ? result : !result
}

function pairs(principals: readonly Side[], resources: readonly Side[], isTemplate: boolean): readonly Told[] {
  return principals.flatMap((principal, row) =>
    resources.map((resource, column): Told => {
      const at = row * resources.length + column
      return {
        id: `${isTemplate ? 't' : 'p'}${at}`,
        effect: at % 4 === 3 ? 'forbid' : 'permit',
        action: [undefined, 'view', undefined, 'edit', 'view'][at % 5],
        principal,
        resource,
        condition: CONDITIONS[(row + at) % CONDITIONS.length] ?? { text: '', says: () => true },
        isTemplate,
      }
    }),
  )
}

function isNamed({ principal, resource }: Told): boolean {
  return principal.kind !== 'any' || resource.kind !== 'any'
}

function textOf({ id, effect, action, principal, resource, condition }: Told): string {
  const scope = [
    sideText('principal', principal),
    action === undefined ? 'action' : `action == Action::"${action}"`,
    sideText('resource', resource),
  ]
  return `@id("${id}") ${effect} (${scope.join(', ')}) ${condition.text};`
}

function sideText(name: string, { kind, type, entity }: Side): string {
  const named = entity === undefined ? `?${name}` : `${entity.type}::"${entity.id}"`
  switch (kind) {
    case 'any':
      return name
    case 'equal':
      return `${name} == ${named}`
    case 'in':
      return `${name} in ${named}`
    case 'is':
      return `${name} is ${type}`
    case 'is in':
      return `${name} is ${type} in ${named}`
    default:
      return kind satisfies never
  }
}

/** Of each template several, with ends of all kinds. */
function makeLinks(): readonly TemplateLink[] {
  const random = new Random(2, 2)
  return POLICIES.filter(({ isTemplate }) => isTemplate).flatMap(({ id, principal, resource }) =>
    random.list(5, 8, (index): TemplateLink => {
      const untilSeconds = random.pick([undefined, undefined, NOW, NOW + 1])
      return {
        id: `${id}-${index}`,
        template: id,
        ...(principal.kind === 'any' ? {} : { principal: random.pick([ANN, ANN, BOB, ...TEAMS]) }),
        ...(resource.kind === 'any' ? {} : { resource: random.pick([...DOCS, ...FOLDERS]) }),
        ...(untilSeconds === undefined ? {} : { untilSeconds }),
      }
    }),
  )
}
