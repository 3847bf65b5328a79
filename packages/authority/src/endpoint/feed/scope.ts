// Whose news a guard hears: one audience, and of it the tenants that the guard is configured or enrolled for. INVARIANT: who asks decides
// it, nothing in the request; and what is left out cannot touch a token of those tenants.

import { createHash } from 'node:crypto'
import { AuthorityError } from '../../errors.ts'
import { type Change, type ClientRecord, tenantConcerned } from '../../store/records.ts'
import type { StoreView } from '../../store/store.ts'

export interface Scope {
  readonly audience: string
  /** In order, each once; `undefined`: all of them. */
  readonly tenants: readonly string[] | undefined
  /** Of the view: a text that is equal for equal tenants; `undefined` for all of them. */
  readonly id: string | undefined
}

/** What tenants a client names when it means all of them; naming none means the same for a guard. */
const ALL = '*'

export function scopeOf(audience: string, { tenants }: Pick<ClientRecord, 'tenants'>): Scope {
  if (tenants.length === 0 || tenants.includes(ALL)) return { audience, tenants: undefined, id: undefined }
  const sorted = [...new Set(tenants)].toSorted()
  const id = createHash('sha256').update(JSON.stringify(sorted)).digest('base64url').slice(0, 22)
  return { audience, tenants: sorted, id }
}

export function isInScope(change: Change, { tenants }: Scope): boolean {
  return isOfTenants(tenantConcerned(change), tenants)
}

/** Whether the tokens of the tenant are the guard's: a token without one is everybody's. */
export function servesTenant(tenant: string | undefined, { tenants }: Pick<ClientRecord, 'tenants'>): boolean {
  return isOfTenants(tenant, scopeOf('', { tenants }).tenants)
}

/** The number of the last change up to `seq` that is in the scope. */
export async function lastInScope(view: StoreView, seq: number, { tenants }: Scope): Promise<number> {
  return tenants === undefined ? seq : view.lastConcerning(tenants, seq)
}

/** Errors: `ERR_AUTHORITY_FEED_GONE` for a guard that stands in another view: it has not heard what this one says. */
export function requireView(said: string | undefined, { id }: Scope): void {
  if (said !== id) throw new AuthorityError('ERR_AUTHORITY_FEED_GONE')
}

function isOfTenants(tenant: string | undefined, tenants: readonly string[] | undefined): boolean {
  return tenants === undefined || tenant === undefined || tenants.includes(tenant)
}
