// Commands: everything that can be revoked, by the authority, by an administrator, and by the client of a token.

import type { RevocationKey } from '@cardea/feed'
import { expect } from 'vitest'
import { ISSUER } from '../../fixture.ts'
import { pick } from './model.ts'
import { ask, type Command } from './real.ts'
import { type Meant, revokeIn } from './rules.ts'
import { see } from './seen.ts'

export type Kind = 'session' | 'principal' | 'client' | 'service' | 'tenant' | 'all'

export function revoke(seed: number, kind: Kind): Command {
  return {
    check: ({ signIns }) => signIns.length > 0,
    toString: () => `revoke ${kind} of sign-in ${seed}`,
    async run(model, { world }) {
      const signIn = pick(model.signIns, seed)
      if (signIn?.sid === undefined) return
      const { client, person } = signIn
      const service = pick(['docs', 'mail'] as const, seed) ?? 'docs'
      const all: { readonly [K in Kind]: Meant } = {
        session: { kind, signIn } as Meant,
        principal: { kind: 'principal', person },
        client: { kind: 'client', client },
        service: { kind: 'service', client: service },
        tenant: { kind: 'tenant', tenant: person.tenant },
        all: { kind: 'all' },
      }
      const keys: { readonly [K in Kind]: RevocationKey } = {
        session: { kind: 'session', sid: signIn.sid },
        principal: { kind: 'principal', tenant: person.tenant, sub: person.id },
        client: { kind: 'client', clientId: client },
        service: { kind: 'client', clientId: service },
        tenant: { kind: 'tenant', tenant: person.tenant },
        all: { kind: 'all' },
      }
      await world.authority.service.revoke(keys[kind])
      see(kind)
      revokeIn(model, all[kind], world.clock.seconds)
    },
  }
}

/** `by` its client as RFC 7009 has it, or the administrator. */
export function revokeToken(seed: number, by: 'client' | 'admin'): Command {
  return {
    check: ({ accessTokens }) => accessTokens.length > 0,
    toString: () => `the ${by} revokes access token ${seed} from the last`,
    async run(model, { world }) {
      const token = pick(model.accessTokens.toReversed(), seed)
      if (token === undefined) return
      const { jti = '', client_id: client = '', exp } = token.claims
      const now = world.clock.seconds
      if (by === 'admin') {
        const key = { kind: 'token', iss: ISSUER, jti }
        expect((await world.api('admin', 'POST', '/v1/revocations', { key })).status).toBe(201)
        see('token')
      } else {
        expect((await ask(world, '/revoke', client, { token: token.text })).status).toBe(200)
        // one that has expired is as good as revoked, and so is one whose key was killed
        if (now >= exp || model.killed.has(token.keyId)) return
        see('token by its client')
      }
      revokeIn(model, { kind: 'token', token }, now)
    },
  }
}
