// Letting somebody in is a grant at the authority: the service asks for it as itself, after the policy allowed the sharing.

import type { Authorized } from '@cardea/guard'
import type { Document } from '../access.ts'

/** What a person asks for when sharing: with whom (a user's id) and as what. */
export interface Share {
  readonly with: string
  readonly as: 'viewer' | 'editor'
}

export interface Shared {
  readonly grant: string
}

export interface Sharing {
  /** The tenant of a person, or `undefined` when nobody has that id. */
  tenantOf(person: string): string | undefined
  share(document: Authorized<'share', typeof Document>, share: Share): Promise<Shared>
}

export interface SharingOptions {
  readonly authority: string
  /** A bearer token of the service's own client, allowed to make grants on documents. */
  readonly token: () => Promise<string>
  readonly tenants: ReadonlyMap<string, string>
}

export function createSharing({ authority, token, tenants }: SharingOptions): Sharing {
  return {
    tenantOf: (person) => tenants.get(person),
    async share(document, share) {
      const response = await fetch(`${authority}/v1/grants`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          tenant: tenants.get(share.with),
          grantee: `User::${JSON.stringify(share.with)}`,
          template: share.as,
          resource: `Document::${JSON.stringify(document.id)}`,
        }),
      })
      if (!response.ok) throw new Error(`the authority refused the grant: ${response.status}`)
      const { id } = (await response.json()) as { id: string }
      return { grant: id }
    },
  }
}
