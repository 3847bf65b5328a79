// The first administrator. Its secret is made here, printed once by whoever calls this, and kept nowhere. Recovery is
// local too: whoever can open the database while no authority runs can make a new one.

import { systemClock } from './clock.ts'
import { AuthorityError } from './errors.ts'
import { type ClientCredentials, createClients } from './identity/clients.ts'
import { newEpoch, openStore } from './store/open-store.ts'

const ADMINISTRATOR = 'admin'

export interface InitialiseOptions {
  /** The SQLite file, made if it is not there, or `postgres://...`. */
  readonly store: string
  /** Replaces a lost administrator's secret. */
  readonly recover?: boolean
}

/** Makes the database and its administrator. Errors: `ERR_AUTHORITY_INITIALISED`, `ERR_AUTHORITY_STORE_LOCKED`. */
export async function initialiseAuthority({
  store: location,
  recover = false,
}: InitialiseOptions): Promise<ClientCredentials> {
  const store = await openStore({ location, now: systemClock, newEpoch, failed: () => {} })
  try {
    const clients = createClients(store, [])
    if (recover) await clients.remove(ADMINISTRATOR)
    return await clients.enrol({ id: ADMINISTRATOR, roles: ['admin'], audiences: [], tenants: [], templates: [] })
  } catch (error) {
    if (error instanceof AuthorityError && error.code === 'ERR_AUTHORITY_CLIENT_EXISTS') {
      throw new AuthorityError('ERR_AUTHORITY_INITIALISED', undefined, {
        hint: 'if the secret was lost, initialise again with recovery while the authority is stopped',
      })
    }
    throw error
  } finally {
    await store.close()
  }
}
