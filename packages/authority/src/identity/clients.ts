// Clients: those of the configuration, and those that were enrolled. A secret is kept as its digest; it has 256 bits, so
// a fast digest is enough, and a comparison takes the same time whatever is wrong.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { AuthorityError } from '../errors.ts'
import type { ClientSettings } from '../options.ts'
import type { ClientRecord } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { certificateIdentityOf } from './client-certificates.ts'

export interface Clients {
  find(id: string): Promise<ClientRecord | undefined>
  list(): Promise<readonly ClientRecord[]>
  /** Errors: `ERR_AUTHORITY_CLIENT_EXISTS`. */
  enrol(client: EnrolledClient): Promise<ClientCredentials>
  /** False when there is no enrolled client of that id; a configured one stays. */
  remove(id: string): Promise<boolean>
}

export type EnrolledClient = Omit<
  ClientRecord,
  'secretHash' | 'hasKeys' | 'certificate' | 'certificateBound' | 'exchanges' | 'refresh'
>

/** The secret is shown once and kept nowhere. */
export interface ClientCredentials {
  readonly id: string
  readonly secret: string
}

export function createClients(store: Store, configured: readonly ClientSettings[]): Clients {
  const fixed = new Map(configured.map((client) => [client.id, recordOf(client)]))
  const find = async (id: string): Promise<ClientRecord | undefined> =>
    fixed.get(id) ?? (await store.read((view) => view.client(id)))
  return {
    find,
    list: async () => [...fixed.values(), ...(await store.read((view) => view.clients()))],
    async enrol(client) {
      const secret = randomBytes(32).toString('base64url')
      await store.write(async (transaction) => {
        if (fixed.has(client.id) || (await transaction.client(client.id)) !== undefined) {
          throw new AuthorityError('ERR_AUTHORITY_CLIENT_EXISTS')
        }
        await transaction.insertClient({
          ...client,
          secretHash: hashSecret(secret),
          hasKeys: false,
          certificate: undefined,
          certificateBound: false,
          exchanges: [],
          refresh: undefined,
        })
      })
      return { id: client.id, secret }
    },
    remove: (id) => store.write((transaction) => transaction.deleteClient(id)),
  }
}

/** Compares in constant time; a client that is unknown or public is compared with a digest that nothing has. */
export function secretMatches(client: ClientRecord | undefined, secret: string): boolean {
  const known = client?.secretHash
  const equal = timingSafeEqual(Buffer.from(hashSecret(secret)), Buffer.from(known ?? NO_DIGEST))
  return equal && known !== undefined
}

/** A client that cannot keep a secret: whoever names it is believed, so it can vouch for nothing. */
export function isPublic({ secretHash, hasKeys, certificate }: ClientRecord): boolean {
  return secretHash === undefined && !hasKeys && certificate === undefined
}

const NO_DIGEST = '-'.repeat(43)

function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

function recordOf(client: ClientSettings): ClientRecord {
  const { id, secret, roles, audiences, exchanges, tenants, templates, session, idleSeconds } = client
  return {
    id,
    secretHash: secret === undefined ? undefined : hashSecret(secret),
    hasKeys: client.keys !== undefined || client.jwksUri !== undefined,
    certificate: certificateIdentityOf(client),
    certificateBound: client.certificateBound,
    roles,
    audiences,
    exchanges,
    tenants,
    templates,
    refresh: session ? { idleSeconds } : undefined,
  }
}
