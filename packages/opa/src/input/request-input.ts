// A request as the plain JSON document that an OPA gets. Values stand in Cedar's explicit forms (`__entity`, `__extn`, arrays for sets), so
// that nothing depends on a schema. INVARIANT: what the document cannot say exactly is refused, never said nearly.
// Cedar reference: docs.cedarpolicy.com/auth/entities-syntax.html

import { type Entity, type EntityUid, type Request, sameEntity, type Value, valueEquals } from '@cardea/policy'
import { valueToJson } from '@cardea/policy/json'
import { OpaError } from '../errors.ts'
import type { Json, JsonObject } from './json-text.ts'

export interface UidInput extends JsonObject {
  readonly type: string
  readonly id: string
}

export interface EntityInput extends JsonObject {
  readonly uid: UidInput
  readonly attrs: JsonObject
  /** Parents, or all ancestors. */
  readonly parents: readonly UidInput[]
  readonly tags: JsonObject
}

/** A grant that counts now. */
export interface LinkInput extends JsonObject {
  readonly id: string
  readonly template: string
  readonly principal?: UidInput
  readonly resource?: UidInput
}

/** A Long beyond 2^53 is a `bigint` here; `jsonText` prints its digits. */
export interface RequestInput extends JsonObject {
  readonly principal: UidInput
  readonly action: UidInput
  readonly resource: UidInput
  readonly context: JsonObject
  /** The request's own and what they reach through attributes, tags, the context and ancestors, each once. */
  readonly entities: readonly EntityInput[]
  readonly links: readonly LinkInput[]
  /** Unix seconds. */
  readonly nowSeconds?: number
}

/** References that a document may follow, whether or not there is an entity. */
export const MAX_REFERENCES = 10_000

/**
 * The document. It holds no token. Throws `ERR_OPA_INPUT` when it cannot be exact: a grant with an end and no time, a principal that is also
 * the resource and differs from it, a field that JSON would take for an entity or an extension value, more than 10 000 references. Cost:
 * linear in what is reached.
 */
export function requestInput(request: Request): RequestInput {
  const { principal, action, resource, context, nowSeconds } = request
  return {
    principal: uidInput(principal),
    action: uidInput(action),
    resource: uidInput(resource),
    context: fieldsInput(context),
    entities: reachableFrom(request).map(entityInput),
    links: linksOf(request),
    ...(nowSeconds === undefined ? {} : { nowSeconds }),
  }
}

function uidInput({ type, id }: EntityUid): UidInput {
  return { type, id }
}

function entityInput({ uid, attributes, ancestors, tags }: Entity): EntityInput {
  return {
    uid: uidInput(uid),
    attrs: fieldsInput(attributes),
    parents: ancestors.uids.map(uidInput),
    tags: fieldsInput(tags),
  }
}

function fieldsInput(fields: ReadonlyMap<string, Value>): JsonObject {
  // `fromEntries` defines its properties, so that a field `__proto__` stays data
  return Object.fromEntries([...fields].map(([name, value]) => [name, valueInput(value)]))
}

function valueInput(value: Value): Json {
  if (typeof value !== 'object') return value
  switch (value.kind) {
    case 'entity':
      return { __entity: uidInput(value) }
    case 'set':
      return value.elements.map(valueInput)
    case 'record':
      if (value.fields.has('__entity') || value.fields.has('__extn')) {
        throw new OpaError('ERR_OPA_INPUT', 'a record has a field `__entity` or `__extn`, which JSON reads as a value')
      }
      return fieldsInput(value.fields)
    case 'decimal':
    case 'ipaddr':
    case 'datetime':
    case 'duration':
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of these four it is always `{ __extn: { ... } }`
      return valueToJson(value) as JsonObject
    default:
      return value satisfies never
  }
}

/** As the engine counts them: at the very second of its end a grant no longer does. */
function linksOf({ links, nowSeconds }: Request): LinkInput[] {
  const counting = (links?.all ?? []).filter(({ untilSeconds }) => {
    if (untilSeconds === undefined) return true
    if (nowSeconds !== undefined) return nowSeconds < untilSeconds
    throw new OpaError('ERR_OPA_INPUT', 'a grant has an end, and the request says no time')
  })
  return counting.map(({ id, template, principal, resource }) => ({
    id,
    template,
    ...(principal === undefined ? {} : { principal: uidInput(principal) }),
    ...(resource === undefined ? {} : { resource: uidInput(resource) }),
  }))
}

/** Breadth first. What the caller holds already goes before what is looked up, as it does in the engine. */
function reachableFrom(request: Request): Entity[] {
  const { principal, action, resource, context, entities } = request
  const { principalEntity, resourceEntity } = checkedPair(request)
  const seen = new Set<string>()
  const waiting: EntityUid[] = []
  const meet = (uid: EntityUid): void => {
    const key = JSON.stringify([uid.type, uid.id])
    if (seen.has(key)) return
    if (seen.size === MAX_REFERENCES) {
      throw new OpaError('ERR_OPA_INPUT', `the request reaches more than ${MAX_REFERENCES} entities`)
    }
    seen.add(key)
    waiting.push(uid)
  }
  for (const uid of [principal, resource, action]) meet(uid)
  meetFields(context, meet)
  const found: Entity[] = []
  for (let at = 0; at < waiting.length; at += 1) {
    const uid = waiting[at]
    if (uid === undefined) break
    const own = sameEntity(uid, principal) ? principalEntity : sameEntity(uid, resource) ? resourceEntity : undefined
    const entity = own ?? entities.get(uid)
    if (entity === undefined) continue
    found.push(entity)
    for (const ancestor of entity.ancestors.uids) meet(ancestor)
    meetFields(entity.attributes, meet)
    meetFields(entity.tags, meet)
  }
  return found
}

/** The entities of the request's two ends. The document has each entity once, so who acts on himself must be seen alike on both. */
function checkedPair(request: Request): Pick<Request, 'principalEntity' | 'resourceEntity'> {
  const { principal, resource, entities } = request
  const principalEntity = request.principalEntity ?? entities.get(principal)
  const resourceEntity = request.resourceEntity ?? entities.get(resource)
  if (!sameEntity(principal, resource)) return { principalEntity, resourceEntity }
  if (principalEntity !== undefined && resourceEntity !== undefined && !isAlike(principalEntity, resourceEntity)) {
    throw new OpaError('ERR_OPA_INPUT', 'the principal is also the resource, and is not the same as both')
  }
  const entity = principalEntity ?? resourceEntity
  return { principalEntity: entity, resourceEntity: entity }
}

function isAlike(left: Entity, right: Entity): boolean {
  if (left === right) return true
  return (
    hasSameFields(left.attributes, right.attributes) &&
    hasSameFields(left.tags, right.tags) &&
    left.ancestors.size === right.ancestors.size &&
    left.ancestors.uids.every((uid) => right.ancestors.includes(uid))
  )
}

function hasSameFields(left: ReadonlyMap<string, Value>, right: ReadonlyMap<string, Value>): boolean {
  return (
    left.size === right.size &&
    [...left].every(([name, value]) => {
      const other = right.get(name)
      return other !== undefined && valueEquals(value, other)
    })
  )
}

function meetFields(fields: ReadonlyMap<string, Value>, meet: (uid: EntityUid) => void): void {
  for (const value of fields.values()) meetValue(value, meet)
}

function meetValue(value: Value, meet: (uid: EntityUid) => void): void {
  if (typeof value !== 'object') return
  if (value.kind === 'entity') meet(value)
  else if (value.kind === 'set') for (const element of value.elements) meetValue(element, meet)
  else if (value.kind === 'record') meetFields(value.fields, meet)
}
