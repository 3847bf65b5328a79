// Cases as our engine takes them: one preparation for every evaluator and both rules for an erring `forbid`.

import {
  compileProgram,
  createEntities,
  createSchema,
  decide,
  type Entities,
  type EntityUid,
  type ForbidErrors,
  layerEntities,
  parseEntityUid,
  parsePolicies,
  type Policy,
  type Program,
  type ProgramOptions,
  type Request,
  type Schema,
  type TemplateLink,
  type Value,
} from '@cardea/policy'
import { entityUidFromJson, parseEntitiesJson, valueFromJson } from '@cardea/policy/json'
import { codegen } from '@cardea/policy/codegen'
import { type Answer, answer } from './answer.ts'
import type { Case, CaseLink, CaseRequest } from './case.ts'
import type { SchemaReader } from './schema.ts'

/** One of our evaluators. */
export interface Evaluator {
  readonly name: string
  readonly compile: (policies: readonly Policy[], options: ProgramOptions) => Program
}

export const EVALUATORS: readonly Evaluator[] = [
  { name: 'closures', compile: compileProgram },
  { name: 'codegen', compile: (policies, options) => compileProgram(policies, { ...options, evaluator: codegen }) },
]

/** One of our evaluators under one rule. */
export interface Judge {
  readonly evaluator: Evaluator
  readonly rule: ForbidErrors
  /** Compiled when first asked for. */
  readonly program: () => Program
}

export interface Prepared {
  readonly policies: readonly Policy[]
  readonly judges: readonly Judge[]
  readonly entities: Entities
  readonly schema: Schema | undefined
  /** The effect of a policy, or of a link's template. */
  readonly effectOf: (id: string) => 'permit' | 'forbid'
}

/** What a case asks, without its answers. */
export type Questions = Omit<Case, 'requests' | 'est'>
export type CaseQuestion = Pick<CaseRequest, 'principal' | 'action' | 'resource' | 'context'>

/** Throws when the policies, links, entities or the schema are refused. */
export function prepareCase(
  item: Questions,
  readSchema: SchemaReader,
  evaluators: readonly Evaluator[] = EVALUATORS,
): Prepared {
  const { policies, problems } = parsePolicies(item.policy, { file: item.id, ids: 'position' })
  const [problem] = problems
  if (problem !== undefined) throw new Error(`${problem.code}: ${problem.message}`)
  const schema = item.schema === undefined ? undefined : createSchema(readSchema(item.schema))
  const links = (item.links ?? []).map(readLink)
  const compile = (evaluator: Evaluator, rule: ForbidErrors): Program =>
    evaluator.compile(policies, { forbidErrors: rule, links, ...(schema === undefined ? {} : { schema }) })
  const stored = createEntities(parseEntitiesJson(item.entities ?? [], schema))
  const effects = new Map(policies.map(({ id, effect }) => [id, effect]))
  for (const { id, template } of links) effects.set(id, effects.get(template) ?? 'permit')
  return {
    policies,
    judges: evaluators.flatMap((evaluator) =>
      (['skip', 'deny'] as const).map((rule) => ({ evaluator, rule, program: once(() => compile(evaluator, rule)) })),
    ),
    // files need not repeat the action hierarchy, which the schema holds
    entities: schema === undefined ? stored : layerEntities(schema.actionEntities, stored),
    schema,
    effectOf: (id) => effects.get(id) ?? 'permit',
  }
}

export function readRequest({ entities, schema }: Prepared, question: CaseQuestion): Request {
  const action = readUid(question.action)
  return {
    principal: readUid(question.principal),
    action,
    resource: readUid(question.resource),
    context: readContext(question.context, action, schema),
    entities,
  }
}

export function answerOf({ program }: Judge, request: Request): Answer {
  const { decision, determining, errors } = decide(program(), request)
  return answer(
    decision,
    determining,
    errors.map(({ policy }) => policy),
  )
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function readLink({ id, template, principal, resource }: CaseLink): TemplateLink {
  return {
    id,
    template,
    ...(principal === undefined ? {} : { principal: readUid(principal) }),
    ...(resource === undefined ? {} : { resource: readUid(resource) }),
  }
}

function readUid(json: unknown): EntityUid {
  if (typeof json !== 'string') return entityUidFromJson(json)
  const uid = parseEntityUid(json)
  if (uid === undefined) throw new Error(`${JSON.stringify(json)} is no entity`)
  return uid
}

function readContext(json: unknown, action: EntityUid, schema: Schema | undefined): ReadonlyMap<string, Value> {
  const attributes = schema?.action(action)?.context
  const type = attributes === undefined ? undefined : ({ type: 'Record', attributes } as const)
  const value = valueFromJson(json ?? {}, type)
  if (typeof value !== 'object' || value.kind !== 'record') throw new Error('the context is no record')
  return value.fields
}
