// Makes an example smaller as long as it shows the same: fewer grants, entities, parents, tags, attributes, context and set elements, then
// plainer values. Greedy: the first smaller one is taken, until none is left or the budget is spent.

import {
  type AttributeDefinitions,
  parseIp,
  recordValue,
  sameEntity,
  type SchemaDefinition,
  setValue,
  type TypeDefinition,
  type Value,
  valueEquals,
} from '@cardea/policy'
import { DEFAULT_NOW_SECONDS } from '../world.ts'
import type { Fields, Sample, SampleEntity } from '../sample/sample.ts'

/** Questions asked for one example. */
const BUDGET = 3000

/**
 * The smallest found. `shows` says whether a smaller one still does; whatever it is asked about is as valid by the schema as `sample`.
 * Cost: at most 3 000 calls of `shows`, mostly below 200.
 */
export function shrink(sample: Sample, definition: SchemaDefinition, shows: (smaller: Sample) => boolean): Sample {
  let [smallest, left] = [sample, BUDGET]
  for (;;) {
    const smaller = first(smallerThan(smallest, definition), (candidate) => left-- > 0 && shows(candidate))
    if (smaller === undefined || left <= 0) return smallest
    smallest = smaller
  }
}

/** What of the example is read at all: without it, all else is the same. Not complete, so not valid by the schema; to be shown. */
export function essenceOf(sample: Sample, shows: (lesser: Sample) => boolean): Sample {
  let essence = sample
  const attempt = (lesser: Sample): void => {
    if (shows(lesser)) essence = lesser
  }
  for (const name of sample.context.keys()) attempt({ ...essence, context: without(essence.context, name) })
  for (const { uid, attributes } of sample.entities) {
    for (const name of attributes.keys()) {
      attempt(withEntity(essence, uid, (entity) => ({ ...entity, attributes: without(entity.attributes, name) })))
      for (const value of [attributes.get(name)]) {
        if (typeof value !== 'object' || value.kind !== 'record') continue
        for (const inner of value.fields.keys()) attempt(withoutInner(essence, uid, name, inner))
      }
    }
  }
  return essence
}

function* smallerThan(sample: Sample, { entities, actions }: SchemaDefinition): Generator<Sample> {
  for (const at of sample.links.keys()) yield { ...sample, links: sample.links.toSpliced(at, 1) }
  for (const [at, { uid }] of sample.entities.entries()) {
    if (sameEntity(uid, sample.principal) || sameEntity(uid, sample.resource)) continue
    yield { ...sample, entities: sample.entities.toSpliced(at, 1) }
  }
  for (const { uid, parents } of sample.entities) {
    for (const at of parents.keys()) {
      yield withEntity(sample, uid, (entity) => ({ ...entity, parents: entity.parents.toSpliced(at, 1) }))
    }
  }
  for (const { uid, tags } of sample.entities) {
    for (const name of tags.keys()) {
      yield withEntity(sample, uid, (entity) => ({ ...entity, tags: without(entity.tags, name) }))
    }
  }
  for (const context of smallerFields(sample.context, actions[sample.action]?.context ?? {}))
    yield { ...sample, context }
  for (const { uid, attributes } of sample.entities) {
    for (const fields of smallerFields(attributes, entities[uid.type]?.attributes ?? {})) {
      yield withEntity(sample, uid, (entity) => ({ ...entity, attributes: fields }))
    }
  }
}

/** Without an optional field, then with a plainer value. */
function* smallerFields(fields: Fields, types: AttributeDefinitions): Generator<Fields> {
  for (const name of fields.keys()) if (types[name]?.optional === true) yield without(fields, name)
  for (const [name, value] of fields) {
    const type = types[name]
    if (type === undefined) continue
    for (const plainer of plainerValues(value, type)) yield new Map(fields).set(name, plainer)
  }
}

function* plainerValues(value: Value, type: TypeDefinition): Generator<Value> {
  if (typeof value === 'object' && value.kind === 'record') {
    if (type.type !== 'Record') return
    for (const fields of smallerFields(value.fields, type.attributes)) yield recordValue(fields)
    return
  }
  if (typeof value === 'object' && value.kind === 'set') {
    for (const at of value.elements.keys()) yield setValue(value.elements.toSpliced(at, 1))
    return
  }
  const plain = plainOf(value)
  // INVARIANT: only towards the plain value, so that making smaller ends
  if (plain !== undefined && !valueEquals(plain, value)) yield plain
}

function plainOf(value: Value): Value | undefined {
  switch (typeof value) {
    case 'boolean':
      return false
    case 'string':
      return ''
    case 'number':
    case 'bigint':
      return 0
    default:
  }
  switch (value.kind) {
    case 'decimal':
      return { kind: 'decimal', scaled: 0n }
    case 'duration':
      return { kind: 'duration', milliseconds: 0n }
    case 'datetime':
      return { kind: 'datetime', milliseconds: BigInt(DEFAULT_NOW_SECONDS) * 1000n }
    case 'ipaddr':
      return parseIp('10.1.0.1')
    default:
      return undefined
  }
}

function withEntity(sample: Sample, uid: SampleEntity['uid'], change: (entity: SampleEntity) => SampleEntity): Sample {
  const entities = sample.entities.map((entity) => (sameEntity(entity.uid, uid) ? change(entity) : entity))
  return { ...sample, entities }
}

function withoutInner(sample: Sample, uid: SampleEntity['uid'], name: string, inner: string): Sample {
  return withEntity(sample, uid, (entity) => {
    const value = entity.attributes.get(name)
    if (typeof value !== 'object' || value.kind !== 'record') return entity
    return { ...entity, attributes: new Map(entity.attributes).set(name, recordValue(without(value.fields, inner))) }
  })
}

function without(fields: Fields, name: string): Fields {
  const left = new Map(fields)
  left.delete(name)
  return left
}

function first<T>(candidates: Iterable<T>, isWanted: (candidate: T) => boolean): T | undefined {
  for (const candidate of candidates) if (isWanted(candidate)) return candidate
  return undefined
}
