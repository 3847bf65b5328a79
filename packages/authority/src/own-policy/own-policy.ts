// The authority's own policy. It ships with the release and cannot be published through the API. Callers with a token are
// decided on by the guard (http/access.ts); here, by the same policy, a client that is about to get one.

import { readFileSync } from 'node:fs'
import {
  compileProgram,
  createEntities,
  createSchema,
  type Decision,
  type Entities,
  decide,
  entityUid,
  layerEntities,
  parsePolicies,
  PolicyError,
  recordValue,
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
  /** Whether the client may exchange a token for the audience `from` for one for `to`. Never throws; a deny on any error. */
  exchangesToken(client: ClientRecord, from: string, to: string): Decision
  /** Whether the client may be told what a token for the audience says. Never throws; a deny on any error. */
  introspectsToken(client: ClientRecord, audience: string): Decision
}

export function createOwnPolicy(): OwnPolicy {
  const parsed = ownSources.map(({ file, text }) => parsePolicies(text, { file }))
  const problems = parsed.flatMap((one) => one.problems)
  if (problems.length > 0)
    throw new PolicyError('ERR_POLICY_SOURCES', "the authority's own policy is broken", { problems })
  const policies = parsed.flatMap((one) => one.policies)
  const program = compileProgram(policies, { schema: createSchema(schema) })
  function ask(client: ClientRecord, action: string, audience: string, context: ReadonlyMap<string, Value>): Decision {
    const principal = entityUid('Client', client.id)
    const resource = AudienceEntity({ id: audience }).entity
    const target = { get: (uid: typeof principal) => (uid.type === 'Audience' ? resource : undefined) }
    return decide(program, {
      principal,
      action: entityUid('Action', action),
      resource: resource.uid,
      context,
      entities: layerEntities(entitiesOf(client), target),
    })
  }
  return {
    introspectsToken: (client, audience) => ask(client, 'introspectToken', audience, new Map()),
    obtainsToken: (client, audience) => ask(client, 'obtainToken', audience, new Map()),
    exchangesToken: (client, from, to) =>
      ask(
        client,
        'exchangeToken',
        to,
        new Map<string, Value>([
          ['from', from],
          ['exchanges', setValue(client.exchanges.map((exchange) => recordValue(Object.entries(exchange))))],
        ]),
      ),
  }
}

function entitiesOf({ id, roles, audiences, tenants, templates }: ClientRecord): Entities {
  return createEntities([
    {
      uid: entityUid('Client', id),
      attributes: {
        audiences: setValue([...audiences]),
        tenants: setValue([...tenants]),
        templates: setValue([...templates]),
      },
      parents: roles.map((role) => entityUid('Role', role)),
    },
  ])
}
