// One case against our engine: the parsed policies against Cedar's JSON of them, and each decision in Cedar's own mode
// (`skip`: an erroring `forbid` is left out) with its determining and its erroring policies.

import {
  compileProgram,
  createEntities,
  createSchema,
  decide,
  type Entities,
  entityUidFromJson,
  type EntityUid,
  layerEntities,
  parseEntitiesJson,
  parseEntityUid,
  parsePolicies,
  type Policy,
  PolicyError,
  policyToJson,
  type Program,
  type Schema,
  type TemplateLink,
  type Value,
  valueFromJson,
} from '@cardea/policy'
import { isDeepStrictEqual } from 'node:util'
import type { Case, CaseLink, CaseRequest } from './case.ts'
import type { SchemaReader } from './schema.ts'

/** What is checked at once: one request of a case, or the JSON form of its policies. */
export interface Outcome {
  readonly case: string
  /** `request 3` or `json`. */
  readonly unit: string
  readonly failure?: Failure
}

export interface Failure {
  readonly expected: string
  readonly got: string
}

/** One outcome a request, and one more when the case has `est`. Never throws: what breaks fails every unit it breaks. */
export function checkCase(item: Case, readSchema: SchemaReader): readonly Outcome[] {
  const units = item.requests.map((_, index) => `request ${index + 1}`)
  try {
    const prepared = prepare(item, readSchema)
    const decisions = item.requests.map((request, index) =>
      outcome(item, units[index] ?? '', () => checkRequest(prepared, request)),
    )
    return item.est === undefined
      ? decisions
      : [outcome(item, 'json', () => checkJson(prepared.program.policies, item.est)), ...decisions]
  } catch (error) {
    const failure: Failure = { expected: 'a case that can be set up', got: messageOf(error) }
    const all = item.est === undefined ? units : ['json', ...units]
    return (all.length === 0 ? ['setup'] : all).map((unit) => ({ case: item.id, unit, failure }))
  }
}

interface Prepared {
  readonly program: Program
  readonly entities: Entities
  readonly schema: Schema | undefined
}

function prepare(item: Case, readSchema: SchemaReader): Prepared {
  const { policies, problems } = parsePolicies(item.policy, { file: item.id, ids: 'position' })
  const [problem] = problems
  if (problem !== undefined) throw new Error(`${problem.code}: ${problem.message}`)
  const schema = item.schema === undefined ? undefined : createSchema(readSchema(item.schema))
  const links = (item.links ?? []).map(readLink)
  const program = compileProgram(policies, { forbidErrors: 'skip', links, ...(schema === undefined ? {} : { schema }) })
  const stored = createEntities(parseEntitiesJson(item.entities ?? [], schema))
  // files need not repeat the action hierarchy, which the schema holds
  const entities = schema === undefined ? stored : layerEntities(schema.actionEntities, stored)
  return { program, entities, schema }
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

function outcome(item: Case, unit: string, check: () => Failure | undefined): Outcome {
  const failure = attempt(check)
  return { case: item.id, unit, ...(failure === undefined ? {} : { failure }) }
}

function attempt(check: () => Failure | undefined): Failure | undefined {
  try {
    return check()
  } catch (error) {
    return { expected: 'an answer', got: messageOf(error) }
  }
}

function checkRequest({ program, entities, schema }: Prepared, request: CaseRequest): Failure | undefined {
  const action = readUid(request.action)
  const { decision, determining, errors } = decide(program, {
    principal: readUid(request.principal),
    action,
    resource: readUid(request.resource),
    context: readContext(request.context, action, schema),
    entities,
  })
  const got = shown(
    decision,
    determining,
    errors.map(({ policy }) => policy),
  )
  const expected = shown(request.decision, request.reason, request.errors)
  return got === expected ? undefined : { expected, got }
}

function readContext(json: unknown, action: EntityUid, schema: Schema | undefined): ReadonlyMap<string, Value> {
  const attributes = schema?.action(action)?.context
  const type = attributes === undefined ? undefined : ({ type: 'Record', attributes } as const)
  const value = valueFromJson(json ?? {}, type)
  if (typeof value !== 'object' || value.kind !== 'record') throw new Error('the context is no record')
  return value.fields
}

function shown(decision: string, reason: readonly string[], errors: readonly string[]): string {
  return `${decision}, because of [${reason.toSorted().join(', ')}], errors in [${errors.toSorted().join(', ')}]`
}

function checkJson(policies: readonly Policy[], est: unknown): Failure | undefined {
  const expected = comparable(estById(policies, est))
  const got = comparable(Object.fromEntries(policies.map((policy) => [policy.id, policyToJson(policy)])))
  return isDeepStrictEqual(got, expected) ? undefined : { expected: JSON.stringify(expected), got: JSON.stringify(got) }
}

/** The JSON of each policy, however the case holds it: the one, a list, or by id. */
function estById(policies: readonly Policy[], est: unknown): unknown {
  if (Array.isArray(est)) return Object.fromEntries(est.map((json: unknown, index) => [`policy${index}`, json]))
  if (typeof est === 'object' && est !== null && 'effect' in est) return { [policies[0]?.id ?? 'policy0']: est }
  return est
}

/** Longs in one form, and an annotation without a value as the empty one, which Cedar takes for equal. */
function comparable(json: unknown): unknown {
  if (typeof json === 'bigint') return { __long: json.toString() }
  if (Array.isArray(json)) return json.map(comparable)
  if (typeof json !== 'object' || json === null) return json === null ? '' : json
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, comparable(value)]))
}

function messageOf(error: unknown): string {
  if (error instanceof PolicyError && error.problems.length > 0) {
    return `${error.code}: ${error.problems.map(({ message }) => message).join('; ')}`
  }
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
