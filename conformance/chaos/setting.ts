// The small world in which everything breaks: its policy, its people and documents, and the options that authorities and guards share.

import { mapEntity } from '@cardea/guard'
import { type AuthorityOptions } from '@cardea/authority'
import type { JsonWebKeySet } from '@cardea/token'

export const ISSUER = 'http://127.0.0.1:8181'
export const AUDIENCE = 'https://documents.chaos.example'
export const PROVIDER = 'https://provider.chaos.example'
export const TENANT = 'acme'
/** Nobody is in it; what is revoked there is news that guards of the first tenant do not get. */
export const OTHER_TENANT = 'elsewhere'
export const SECRET = 'a secret that is only ever used in tests'
/** The one hears everything, the other what concerns its tenant. */
export const GUARD_CLIENTS = ['guard', 'guard-of-one'] as const
/** One keeps a secret, and goes on with one refresh token; the other keeps none, and gets another each time. */
export const SIGN_IN_CLIENTS = ['web', 'app'] as const
/** The bound of the one action, and what the machine may add to it when it is busy. */
export const BOUND_SECONDS = 3
export const TOLERANCE_MILLISECONDS = 250
const TOKEN_SECONDS = 20

export const USERS = Array.from({ length: 16 }, (_, at) => `user-${at}`)
export const DOCUMENTS = Array.from({ length: 24 }, (_, at) => `document-${at}`)

export const schemaText = `
entity Tenant;
entity User = { tenant: Tenant };
entity Document = { tenant: Tenant };
@maxStale("${BOUND_SECONDS}s")
action view appliesTo { principal: [User], resource: [Document] };
`

/** `frozen`: the documents that nobody may see. */
export function policyText(frozen: Iterable<string>): string {
  const freezes = [...frozen].map(
    (document) => `@id("freeze-${document}") forbid (principal, action, resource == Document::"${document}");`,
  )
  return [
    '@id("viewer") permit (principal == ?principal, action == Action::"view", resource == ?resource);',
    '@id("apart") forbid (principal, action, resource) unless { principal.tenant == resource.tenant };',
    ...freezes,
  ].join('\n')
}

const attributes = { tenant: { type: 'Entity', name: 'Tenant' } } as const
export const schema = {
  entities: {
    Tenant: { parents: [], attributes: {} },
    User: { parents: [], attributes },
    Document: { parents: [], attributes },
  },
  actions: {
    view: {
      uid: { type: 'Action', id: 'view' },
      memberOf: [],
      principals: ['User'],
      resources: ['Document'],
      context: {},
    },
  },
} as const

export const Document = mapEntity(schema, 'Document', {
  table: 'documents',
  id: 'id',
  attributes: { tenant: 'tenant' },
})

export function authorityOptions(store: string, providerKeys: JsonWebKeySet): AuthorityOptions {
  return {
    issuer: ISSUER,
    store,
    key: Buffer.alloc(32, 7).toString('base64url'),
    audiences: [{ id: AUDIENCE, tokenSeconds: TOKEN_SECONDS }],
    clients: [
      { id: 'web', secret: SECRET, audiences: [AUDIENCE], session: true },
      { id: 'app', audiences: [AUDIENCE], session: true },
      { id: GUARD_CLIENTS[0], secret: SECRET, roles: ['guard'], audiences: [AUDIENCE] },
      { id: GUARD_CLIENTS[1], secret: SECRET, roles: ['guard'], audiences: [AUDIENCE], tenants: [TENANT] },
      { id: 'admin', secret: SECRET, roles: ['admin', 'granter'], tenants: ['*'], templates: ['*'] },
    ],
    directory: USERS.map((id) => ({ id, issuer: PROVIDER, tenant: TENANT, subject: id })),
    providers: [
      {
        issuer: PROVIDER,
        clients: [...SIGN_IN_CLIENTS],
        tenants: [TENANT],
        attributes: { tenant: '$tenant' },
        algorithms: ['ES256'],
        keys: providerKeys,
      },
    ],
  }
}
