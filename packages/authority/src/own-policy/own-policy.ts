// The authority's own policy: what a client may do here. It ships with the release and cannot be published through the API.

import { readFileSync } from 'node:fs'
import {
  compileProgram,
  createEntities,
  createSchema,
  type Decision,
  decide,
  type EntityInput,
  entityUid,
  parsePolicies,
  PolicyError,
  setValue,
  type Value,
} from '@cardea/policy'
import type { ClientRecord, SourceText } from '../store/records.ts'
import { schema } from './schema.gen.ts'

/** The sources stand in `src` in a clone and in a package alike. */
const FOLDER = new URL('../../src/own-policy/', import.meta.url)

export const ownSources: readonly SourceText[] = [
  { file: 'policies.cedar', text: readFileSync(new URL('policies.cedar', FOLDER), 'utf8') },
]

export type OwnAction = keyof typeof schema.actions

/** What an action is about, with the attributes that the policy reads of it. */
export type OwnResource =
  | { readonly type: 'Authority' }
  | { readonly type: 'Audience'; readonly id: string }
  | { readonly type: 'Grant'; readonly id: string; readonly tenant: string; readonly template: string }

export interface OwnPolicy {
  /** Never throws; a deny on any error. */
  decide(client: ClientRecord, action: OwnAction, resource: OwnResource): Decision
}

export function createOwnPolicy(): OwnPolicy {
  const parsed = ownSources.map(({ file, text }) => parsePolicies(text, { file }))
  const problems = parsed.flatMap((one) => one.problems)
  if (problems.length > 0)
    throw new PolicyError('ERR_POLICY_SOURCES', "the authority's own policy is broken", { problems })
  const policies = parsed.flatMap((one) => one.policies)
  const program = compileProgram(policies, { schema: createSchema(schema) })
  return {
    decide(client, action, resource) {
      const caller = clientEntity(client)
      const target = resourceEntity(resource)
      return decide(program, {
        principal: caller.uid,
        action: entityUid('Action', action),
        resource: target.uid,
        context: new Map<string, Value>(),
        entities: createEntities([caller, target]),
      })
    },
  }
}

function clientEntity({ id, roles, audiences, tenants, templates }: ClientRecord): EntityInput {
  return {
    uid: entityUid('Client', id),
    attributes: {
      audiences: setValue([...audiences]),
      tenants: setValue([...tenants]),
      templates: setValue([...templates]),
    },
    parents: roles.map((role) => entityUid('Role', role)),
  }
}

function resourceEntity(resource: OwnResource): EntityInput {
  switch (resource.type) {
    case 'Authority':
      return { uid: entityUid('Authority', 'this') }
    case 'Audience':
      return { uid: entityUid('Audience', resource.id), attributes: { name: resource.id } }
    case 'Grant': {
      const { id, tenant, template } = resource
      return { uid: entityUid('Grant', id), attributes: { tenant, template } }
    }
    default:
      return resource satisfies never
  }
}
