// What the API does, without HTTP and without a token: for the process that owns the authority. Everything is checked as it
// is over HTTP, but for who asks.

import { randomUUID } from 'node:crypto'
import type { RevocationKey } from '@cardea/feed'
import {
  type BreakGlassMade,
  type BreakGlassRequest,
  LOCAL_ASKER,
  makeBreakGlass,
} from './endpoint/break-glass/break-glass.ts'
import {
  type GrantBody,
  type GrantMade,
  grantBody,
  makeGrant,
  readGrant,
  removeGrant,
} from './endpoint/grants/grants.ts'
import { rotateKey } from './endpoint/keys/change-keys.ts'
import { type Revoked, revocationKey, revoke } from './endpoint/revocations/revoke.ts'
import type { ClientCredentials, EnrolledClient } from './identity/clients.ts'
import type { KeyChange } from './key/key-ring.ts'
import type { Parts } from './parts.ts'
import type { Publication, PublishRequest } from './publication/publisher.ts'
import type { KeyPurpose } from './store/records.ts'

export interface AuthorityService {
  /** `basedOn` is the current revision unless it is said. Errors: those of `Publisher.publish`. */
  publish(request: ServicePublication): Promise<Publication>
  /** Errors: those of `readGrant` and `makeGrant`. */
  grant(body: GrantBody): Promise<GrantMade>
  /** Errors: `ERR_AUTHORITY_NOT_FOUND`. */
  removeGrant(id: string): Promise<Revoked>
  revoke(key: RevocationKey): Promise<Revoked>
  /** Errors: those of `KeyRing.rotate`. */
  rotateKeys(purpose?: KeyPurpose, options?: { readonly now?: boolean }): Promise<KeyChange>
  /** Errors: `ERR_AUTHORITY_CLIENT_EXISTS`. */
  enrol(client: EnrolledClient): Promise<ClientCredentials>
  /**
   * Lets guards go on without news for a while: a signed statement for their `breakGlassFile`. The reason is in the audit when this resolves.
   * Errors: those of `makeBreakGlass`.
   */
  breakGlass(request: BreakGlassRequest): Promise<BreakGlassMade>
  /** What is otherwise done every half minute: staged policies that are due, bundles that age, what can be forgotten. */
  keepHouse(): Promise<void>
}

export type ServicePublication = Pick<PublishRequest, 'schema' | 'policies'> &
  Partial<Pick<PublishRequest, 'forbidErrors' | 'basedOn' | 'stage'>>

const LOCAL = 'local'

export function createService(parts: Parts, keepHouse: () => Promise<void>): AuthorityService {
  const { publisher, clients } = parts
  return {
    publish: ({ forbidErrors = 'deny', basedOn = publisher.current()?.revision ?? 0, stage = 'now', ...sources }) =>
      publisher.publish({ ...sources, forbidErrors, basedOn, stage, by: LOCAL }),
    grant: async (body) => makeGrant(readGrant(grantBody.parse(body), parts), LOCAL, parts),
    removeGrant: async (id) => ({ position: await removeGrant(id, parts) }),
    revoke: async (key) => revoke(revocationKey.parse(key), parts),
    rotateKeys: (purpose = 'access', rotation = {}) => rotateKey(purpose, rotation, parts),
    enrol: (client) => clients.enrol(client),
    breakGlass: (request) => makeBreakGlass(request, { ...LOCAL_ASKER, correlation: randomUUID() }, parts),
    keepHouse,
  }
}
