// The grants that a verified token names by reference, from the store: its own, of its audience and tenant, until it has expired.

import type { VerifiedToken } from '@cardea/token'
import type { GrantSetRecord } from '../../store/records.ts'
import type { StoreView } from '../../store/store.ts'

/** `undefined` when the token names none, and when none are kept that are its own. Whether it was revoked is not checked here. */
export async function loadGrantSet(
  { claims: { aud, tenant, grants_ref: digest } }: VerifiedToken,
  view: StoreView,
  now: number,
): Promise<GrantSetRecord | undefined> {
  const record = typeof digest === 'string' ? await view.grantSet(digest) : undefined
  const isOwn = record?.audience === aud && record?.tenant === tenant
  return record !== undefined && isOwn && now < record.endsAtSeconds ? record : undefined
}
