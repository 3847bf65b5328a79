// Ours, used as a guard uses it: a schema is given; the principal and its links are mapped once, as for a token; the resource once,
// as for a row. Both evaluators return all determining policies.

import {
  compileProgram,
  createEntities,
  createEntity,
  createLinks,
  createSchema,
  decide,
  type Decision,
  type Entities,
  type Entity,
  type EntityUid,
  entityUid,
  fieldMap,
  layerEntities,
  parsePolicies,
  type Policy,
  type Program,
  type ProgramOptions,
  type Request,
  type Schema,
} from '@cardea/policy'
import { parseEntitiesJson, valueFromJson } from '@cardea/policy/json'
import { codegen } from '@cardea/policy/codegen'
import type { Subject } from '../harness.ts'
import type { CedarEntity, CedarWorkload, Uid } from './workload.ts'

export interface OurSubject extends Subject {
  decide(index: number): Decision
}

/** Closures: the default, without `eval`. */
export function closures(workload: CedarWorkload): OurSubject {
  return compiled('closures', workload, {})
}

/** Generated code. */
export function generated(workload: CedarWorkload): OurSubject {
  return compiled('codegen', workload, { evaluator: codegen })
}

function compiled(name: string, workload: CedarWorkload, options: ProgramOptions): OurSubject {
  const schema = createSchema(workload.schema)
  return subjectOf(name, compileProgram(parse(workload), { schema, ...options }), requestsOf(workload, schema))
}

function subjectOf(name: string, program: Program, requests: readonly Request[]): OurSubject {
  return {
    name,
    cases: requests.length,
    run(index) {
      const request = requests[index]
      return request !== undefined && decide(program, request).decision === 'allow'
    },
    decide(index) {
      const request = requests[index]
      if (request === undefined) throw new RangeError(`no request ${index}`)
      return decide(program, request)
    },
  }
}

function parse({ policies }: CedarWorkload): readonly Policy[] {
  const parsed = parsePolicies(policies.map(({ text }) => text).join('\n'))
  if (parsed.problems.length > 0) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
  return parsed.policies
}

/** The requests as a guard would have built them. */
export function requestsOf(workload: Omit<CedarWorkload, 'policies'>, schema: Schema): readonly Request[] {
  const links = createLinks(
    workload.links.map((link) => ({ ...link, principal: toUid(link.principal), resource: toUid(link.resource) })),
  )
  const mapped = new Map<CedarEntity, Entity>()
  const actions = new Map<string, EntityUid>()
  const sets = new Map<Entity, Entities>()
  return workload.requests.map(({ principal, action, resource, context, others }) => {
    const types = schema.action(action)?.context ?? {}
    const principalEntity = mapOnce(principal)
    return {
      principal: principalEntity.uid,
      principalEntity,
      action: actionOnce(action),
      resource: toUid(resource.uid),
      resourceEntity: mapOnce(resource),
      context: fieldMap(Object.entries(context).map(([name, value]) => [name, valueFromJson(value, types[name])])),
      entities: [principal, ...others].map((entity) => setOf(mapOnce(entity))).reduce(layerEntities),
      links,
    }
  })

  /** A guard has one reference for each action. */
  function actionOnce(action: Uid): EntityUid {
    let known = actions.get(action.id)
    if (known?.type !== action.type) actions.set(action.id, (known = toUid(action)))
    return known
  }

  /** An entity is mapped once, however many requests it stands in. */
  function mapOnce(entity: CedarEntity): Entity {
    let known = mapped.get(entity)
    if (known === undefined) {
      const [input] = parseEntitiesJson([entity], schema)
      if (input === undefined) throw new Error('an entity was lost')
      known = createEntity(input)
      mapped.set(entity, known)
    }
    return known
  }

  function setOf(entity: Entity): Entities {
    let known = sets.get(entity)
    if (known === undefined) {
      known = createEntities([{ ...entity, parents: entity.ancestors.uids }])
      sets.set(entity, known)
    }
    return known
  }
}

function toUid({ type, id }: Uid): ReturnType<typeof entityUid> {
  return entityUid(type, id)
}
