// What a test decides with: a compiled program, and people and things made by the schema.

import {
  type ActionDefinition,
  compileProgram,
  createEntities,
  createLinks,
  createSchema,
  type Decision,
  decide,
  type Entities,
  type Entity,
  type EntityUid,
  type ForbidErrors,
  layerEntities,
  type Links,
  PolicyError,
  parsePolicySources,
  type Policy,
  type Program,
  type Request,
  type Schema,
  type SchemaDefinition,
  type TemplateLink,
  type Value,
} from '@cardea/policy'
import { TestkitError } from './errors.ts'
import { type Attributes, typedAttributes } from './typed-value.ts'

export interface PolicySource {
  readonly file: string
  readonly text: string
}

export interface WorldOptions {
  readonly schema: SchemaDefinition
  readonly policies: readonly PolicySource[]
  readonly forbidErrors?: 'deny' | 'skip'
}

export interface GrantSpec {
  readonly template: string
  readonly resource: EntityUid
  /** Unix seconds; the grant has ended at this second. */
  readonly untilSeconds?: number
}

/** Somebody who asks: the principal, what it is and has. */
export interface Person {
  readonly uid: EntityUid
  readonly entities: Entities
  readonly links: Links
}

/** Compiled policies and the schema that names in tests are checked against. */
export interface World {
  readonly schema: Schema
  readonly program: Program
  readonly policies: readonly Policy[]
}

/** Parses and compiles. @throws PolicyError with every problem */
export function createWorld({ schema: definition, policies: sources, forbidErrors = 'deny' }: WorldOptions): World {
  const schema = createSchema(definition)
  const { policies, problems } = parsePolicySources(sources)
  if (problems.some((problem) => problem.severity === 'error')) {
    throw new PolicyError('ERR_POLICY_SOURCES', `the policies have ${problems.length} problems`, { problems })
  }
  return compileWorld({ schema, policies, forbidErrors })
}

/** The same of policies that are parsed already. @throws PolicyError with every problem */
export function compileWorld({
  schema,
  policies,
  forbidErrors,
}: {
  readonly schema: Schema
  readonly policies: readonly Policy[]
  readonly forbidErrors: ForbidErrors
}): World {
  return { schema, policies, program: compileProgram(policies, { schema, forbidErrors }) }
}

/** @throws TestkitError ERR_TESTKIT_VALUE, ERR_TESTKIT_NAME */
export function createPerson(
  world: World,
  uid: EntityUid,
  facts: {
    readonly attributes?: Attributes
    readonly parents?: readonly EntityUid[]
    readonly grants?: readonly GrantSpec[]
  },
): Person {
  const grants = facts.grants ?? []
  for (const { template } of grants) {
    if (!world.policies.some((policy) => policy.id === template && policy.slots.length > 0)) {
      throw new TestkitError('ERR_TESTKIT_NAME', `there is no template \`${template}\` to grant`)
    }
  }
  const links = grants.map(
    ({ template, resource, untilSeconds }): TemplateLink => ({
      id: template,
      template,
      principal: uid,
      resource,
      ...(untilSeconds === undefined ? {} : { untilSeconds }),
    }),
  )
  return {
    uid,
    entities: createEntities([
      { uid, attributes: attributesOf(world, uid, facts.attributes), parents: facts.parents ?? [] },
    ]),
    links: createLinks(links),
  }
}

/** An entity by its declared type. @throws TestkitError ERR_TESTKIT_VALUE, ERR_TESTKIT_NAME */
export function createThing(
  world: World,
  uid: EntityUid,
  facts: { readonly attributes?: Attributes; readonly parents?: readonly EntityUid[] },
): Entity {
  const entities = createEntities([
    { uid, attributes: attributesOf(world, uid, facts.attributes), parents: facts.parents ?? [] },
  ])
  const entity = entities.get(uid)
  if (entity === undefined) throw new TypeError('an entity that was just made is missing')
  return entity
}

export interface Question {
  readonly person: Person
  readonly action: string
  readonly thing: Entity
  /** Named facts; each action takes those that its context declares. */
  readonly facts: Attributes
}

/** Decides as a guard would. @throws TestkitError when the question itself is wrong */
export function ask(world: World, question: Question): Decision {
  return decide(world.program, requestOf(world, question))
}

/** The question as a guard would put it. @throws TestkitError when it is wrong in itself */
export function requestOf(world: World, { person, action, thing, facts }: Question): Request {
  const definition = actionOf(world, action)
  return {
    principal: person.uid,
    action: { kind: 'entity', ...definition.uid },
    resource: thing.uid,
    context: contextOf(definition, facts, action),
    entities: layerEntities({ get: (uid) => (isSame(uid, thing.uid) ? thing : undefined) }, person.entities),
    links: person.links,
    nowSeconds: nowOf(facts),
  }
}

/** The action that TypeScript or YAML names by its id. @throws TestkitError ERR_TESTKIT_NAME */
function actionOf(world: World, name: string): ActionDefinition {
  const actions = world.schema.definition.actions
  const definition = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (definition !== undefined) return definition
  throw new TestkitError('ERR_TESTKIT_NAME', `there is no action \`${name}\``, {
    hint: `the schema has ${Object.keys(actions).join(', ')}`,
  })
}

function attributesOf(world: World, uid: EntityUid, given: Attributes = {}): ReadonlyMap<string, Value> {
  const types = world.schema.definition.entities
  const definition = Object.hasOwn(types, uid.type) ? types[uid.type] : undefined
  if (definition === undefined) throw new TestkitError('ERR_TESTKIT_NAME', `there is no entity type \`${uid.type}\``)
  return typedAttributes(definition.attributes, given, `${uid.type}::"${uid.id}"`)
}

function contextOf(definition: ActionDefinition, facts: Attributes, action: string): ReadonlyMap<string, Value> {
  const declared = Object.fromEntries(Object.entries(facts).filter(([name]) => Object.hasOwn(definition.context, name)))
  return typedAttributes(definition.context, declared, `the context of \`${action}\``)
}

/** The clock of a question with these facts, in Unix seconds. */
export function nowOf(facts: Attributes): number {
  const now = facts['now']
  const milliseconds = now instanceof Date ? now.getTime() : typeof now === 'string' ? Date.parse(now) : Number.NaN
  return Number.isNaN(milliseconds) ? DEFAULT_NOW_SECONDS : Math.floor(milliseconds / 1000)
}

/** The time of a test that names none. Fixed, so that a test means the same tomorrow. */
export const DEFAULT_NOW_SECONDS = Date.UTC(2026, 0, 1, 12) / 1000

function isSame(a: EntityUid, b: EntityUid): boolean {
  return a.id === b.id && a.type === b.type
}
