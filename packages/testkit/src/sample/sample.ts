// A sampled question: who asks, for what, with which grants, in which world. Plain data, so that it can be printed, made smaller and
// asked of any program.

import {
  type AttributeDefinitions,
  checkEntity,
  checkRequest,
  createEntities,
  createLinks,
  type EntityUid,
  recordValue,
  type Request,
  type Schema,
  setValue,
  type TemplateLink,
  type TypeDefinition,
  type Value,
} from '@cardea/policy'
import { DEFAULT_NOW_SECONDS } from '../world.ts'

export type Fields = ReadonlyMap<string, Value>

export interface SampleEntity {
  readonly uid: EntityUid
  readonly attributes: Fields
  /** Direct parents. */
  readonly parents: readonly EntityUid[]
  readonly tags: Fields
}

export interface Sample {
  /** By its name in the schema. */
  readonly action: string
  readonly principal: EntityUid
  readonly resource: EntityUid
  readonly context: Fields
  readonly entities: readonly SampleEntity[]
  /** The principal's grants. */
  readonly links: readonly TemplateLink[]
  /** Unix seconds; the context's `now` if it is left out, or the time of a test that names none. */
  readonly nowSeconds?: number
}

/**
 * The request that the sample is, as this schema sees it: what the schema does not declare is left out.
 * @throws PolicyError ERR_POLICY_ENTITY_CYCLE, ERR_POLICY_ENTITY_DUPLICATE; TypeError when the action is not in the schema
 */
export function requestOf(sample: Sample, schema: Schema): Request {
  const action = schema.action(sample.action)
  if (action === undefined) throw new TypeError(`the action \`${sample.action}\` is not in the schema`)
  const context = recordValue(declared(sample.context, action.context)).fields
  return {
    principal: sample.principal,
    action: { kind: 'entity', ...action.uid },
    resource: sample.resource,
    context,
    entities: createEntities(sample.entities.flatMap((entity) => asDeclared(entity, schema))),
    links: createLinks(sample.links),
    nowSeconds: sample.nowSeconds ?? nowOf(context),
  }
}

/** Whether the schema has nothing against the request and its entities. */
export function isValid(sample: Sample, schema: Schema): boolean {
  const request = requestOf(sample, schema)
  return (
    checkRequest(schema, request).length === 0 &&
    sample.entities.every(({ uid }) => {
      const entity = request.entities.get(uid)
      return entity === undefined || checkEntity(schema, entity).length === 0
    })
  )
}

/** The clock that a guard would have had: the context's, or that of a test that names none. */
function nowOf(context: Fields): number {
  const now = context.get('now')
  return typeof now === 'object' && now.kind === 'datetime' ? Number(now.milliseconds / 1000n) : DEFAULT_NOW_SECONDS
}

function asDeclared(entity: SampleEntity, schema: Schema): SampleEntity[] {
  const type = schema.entityType(entity.uid.type)
  if (type === undefined) return []
  return [
    {
      uid: entity.uid,
      attributes: declared(entity.attributes, type.attributes),
      parents: entity.parents.filter((parent) => type.parents.includes(parent.type)),
      tags: type.tags === undefined ? NO_FIELDS : entity.tags,
    },
  ]
}

const NO_FIELDS: Fields = new Map()

/** Fields without those that a record type does not have, at any depth. The very same map when there are none. */
function declared(fields: Fields, types: AttributeDefinitions): Fields {
  let changed = false
  const kept: [string, Value][] = []
  for (const [name, value] of fields) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined
    const inner = type === undefined ? undefined : declaredValue(value, type)
    changed ||= inner !== value
    if (inner !== undefined) kept.push([name, inner])
  }
  return changed ? new Map(kept) : fields
}

function declaredValue(value: Value, type: TypeDefinition): Value {
  if (typeof value !== 'object') return value
  if (value.kind === 'record' && type.type === 'Record') {
    const fields = declared(value.fields, type.attributes)
    return fields === value.fields ? value : recordValue(fields)
  }
  if (value.kind !== 'set' || type.type !== 'Set') return value
  const elements = value.elements.map((element) => declaredValue(element, type.element))
  return elements.every((element, at) => element === value.elements[at]) ? value : setValue(elements)
}
