// The authority's own policy. It ships with the release and cannot be published through the API. Callers with a token are
// decided on by the guard (http/access.ts); here, by the same policy, a client that is about to get one.

import { readFileSync } from 'node:fs'
import {
  compileProgram,
  createEntities,
  createSchema,
  type Decision,
  decide,
  entityUid,
  layerEntities,
  parsePolicies,
  PolicyError,
  setValue,
  type Value,
} from '@cardea/policy'
import type { ClientRecord, SourceText } from '../store/records.ts'
import { AudienceEntity } from './own-entities.ts'
import { schema } from './schema.gen.ts'

/** The sources stand in `src` in a clone and in a package alike. */
const FOLDER = new URL('../../src/own-policy/', import.meta.url)

export const ownSources: readonly SourceText[] = [
  { file: 'policies.cedar', text: readFileSync(new URL('policies.cedar', FOLDER), 'utf8') },
]

export interface OwnPolicy {
  /** Whether the client may obtain a token for the audience. Never throws; a deny on any error. */
  obtainsToken(client: ClientRecord, audience: string): Decision
}

export function createOwnPolicy(): OwnPolicy {
  const parsed = ownSources.map(({ file, text }) => parsePolicies(text, { file }))
  const problems = parsed.flatMap((one) => one.problems)
  if (problems.length > 0)
    throw new PolicyError('ERR_POLICY_SOURCES', "the authority's own policy is broken", { problems })
  const policies = parsed.flatMap((one) => one.policies)
  const program = compileProgram(policies, { schema: createSchema(schema) })
  return {
    obtainsToken({ id, roles, audiences, tenants, templates }, audience) {
      const principal = entityUid('Client', id)
      const resource = AudienceEntity({ id: audience }).entity
      const client = createEntities([
        {
          uid: principal,
          attributes: {
            audiences: setValue([...audiences]),
            tenants: setValue([...tenants]),
            templates: setValue([...templates]),
          },
          parents: roles.map((role) => entityUid('Role', role)),
        },
      ])
      const target = { get: (uid: typeof principal) => (uid.type === 'Audience' ? resource : undefined) }
      return decide(program, {
        principal,
        action: entityUid('Action', 'obtainToken'),
        resource: resource.uid,
        context: new Map<string, Value>(),
        entities: layerEntities(client, target),
      })
    },
  }
}
