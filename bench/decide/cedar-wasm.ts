// cedar-wasm in its fastest form: policies parsed once (`preparsePolicySet`), then `statefulIsAuthorized` without a schema, which
// would have every entity checked again. So the groups of the request's action are given as an entity.

import { createSchema, entityUid, type Schema } from '@cardea/policy'
import * as cedar from '@cedar-policy/cedar-wasm/nodejs'
import type { Subject } from '../harness.ts'
import type { CedarEntity, CedarRequest, CedarWorkload, Uid } from './workload.ts'

export interface CedarSubject extends Subject {
  /** Ids of all determining policies. */
  reasons(index: number): readonly string[]
}

let prepared = 0

export function cedarWasm(workload: CedarWorkload): CedarSubject {
  prepared += 1
  const name = `workload-${prepared}`
  const policiesOf = (isTemplate: boolean): Record<string, string> =>
    Object.fromEntries(
      workload.policies.filter((policy) => policy.isTemplate === isTemplate).map(({ id, text }) => [id, text]),
    )
  const parsed = cedar.preparsePolicySet(name, {
    staticPolicies: policiesOf(false),
    templates: policiesOf(true),
    templateLinks: workload.links.map(({ id, template, principal, resource }) => ({
      templateId: template,
      newId: id,
      values: { '?principal': principal, '?resource': resource },
    })),
  })
  if (parsed.type === 'failure') throw new Error(parsed.errors.map((error) => error.message).join('; '))
  const schema = createSchema(workload.schema)
  const calls = workload.requests.map((request) => callOf(request, name, actionEntities(schema, request.action)))
  const answer = (index: number): cedar.AuthorizationAnswer => {
    const call = calls[index]
    if (call === undefined) throw new RangeError(`no request ${index}`)
    return cedar.statefulIsAuthorized(call)
  }
  return {
    name: 'cedar-wasm',
    cases: calls.length,
    run(index) {
      const result = answer(index)
      return result.type === 'success' && result.response.decision === 'allow'
    },
    reasons(index) {
      const result = answer(index)
      if (result.type === 'failure') throw new Error(result.errors.map((error) => error.message).join('; '))
      return result.response.diagnostics.reason
    },
  }
}

function callOf(
  { principal, action, resource, context, others }: CedarRequest,
  preparsedPolicySetId: string,
  actions: readonly CedarEntity[],
): cedar.StatefulAuthorizationCall {
  return {
    principal: principal.uid,
    action,
    resource: resource.uid,
    // what a workload holds as readonly, the types of the package want to be able to write
    context: context as Record<string, cedar.CedarValueJson>,
    preparsedPolicySetId,
    entities: [principal, resource, ...others, ...actions] as unknown as cedar.EntityJson[],
  }
}

/** The action with its groups, if it has any. */
function actionEntities(schema: Schema, action: Uid): readonly CedarEntity[] {
  const groups = schema.actionEntities.get(entityUid(action.type, action.id))?.ancestors ?? []
  const parents = [...groups].flatMap(([type, ids]) => [...ids].map((id) => ({ type, id })))
  return parents.length === 0 ? [] : [{ uid: action, attrs: {}, parents }]
}
