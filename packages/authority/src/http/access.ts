// Who calls the API, and what the authority's own policy allows them: a guard like any other, on the authority's own keys
// and revocations. Deny by default and on any error.

import { type Auth, type AuthDecision, createGuard, DeniedError, type Guard, type GuardLog } from '@cardea/guard'
import { type KeySource, SIGNATURE_ALGORITHMS } from '@cardea/token'
import type { Logger } from 'pino'
import { AuthorityError } from '../errors.ts'
import { AuthorityEntity } from '../own-policy/own-entities.ts'
import { ownSources } from '../own-policy/own-policy.ts'
import { schema } from '../own-policy/schema.gen.ts'
import type { Parts } from '../parts.ts'
import type { AppContext } from './context.ts'

/** A caller of the API, in one request. */
export type OwnAuth = Auth<typeof schema>

export interface Access {
  /** Errors: `ERR_AUTHORITY_UNAUTHENTICATED`, with the guard's error as its cause, and `ERR_AUTHORITY_CERTIFICATE_HEADER`. */
  authenticate(context: AppContext): Promise<OwnAuth>
}

/** The authority as the resource of what concerns it as a whole. */
export const THIS: ReturnType<typeof AuthorityEntity<{ readonly id: string }>> = AuthorityEntity({ id: 'this' })

export async function createAccess(parts: Parts, keys: KeySource): Promise<Access> {
  const { settings, revocations, decisions, connections, longestSeconds, proofs, now, log } = parts
  const guard: Guard<typeof schema> = await createGuard({
    schema,
    policies: ownSources,
    issuer: settings.issuer,
    audience: settings.issuer,
    origin: new URL(settings.issuer).origin,
    // each key is bound to its own: one from before another was configured still counts
    algorithms: SIGNATURE_ALGORITHMS,
    keys,
    revocations,
    claims: {
      principal: { type: 'Client', id: 'sub' },
      attributes: { audiences: 'audiences', tenants: 'tenants', templates: 'templates' },
      parents: { Role: 'roles' },
    },
    clientType: 'Client',
    maxLifetimeSeconds: longestSeconds,
    dpop: { replay: proofs },
    service: 'authority',
    development: settings.development,
    onDecision: decisions.add,
    log: guardLog(log),
    now,
  })
  return {
    async authenticate(context) {
      if (context.req.method !== 'GET') await catchUp(parts)
      try {
        return await guard.authenticate({
          method: context.req.method,
          url: context.req.url,
          headers: Object.fromEntries(context.req.raw.headers),
          address: connections.addressOf(context),
          certificate: connections.certificateOf(context)?.der,
          ...(context.env?.incoming === undefined ? {} : { rawHeaders: context.env.incoming.rawHeaders }),
        })
      } catch (cause) {
        if (!(cause instanceof DeniedError)) throw cause
        throw new AuthorityError('ERR_AUTHORITY_UNAUTHENTICATED', undefined, { cause })
      }
    },
  }
}

/**
 * Before anything is changed: what was taken back at any authority until now is heard here, and no key verifies that another one has
 * killed a moment ago. What a thief signs with such a key no revocation need touch. Errors: those of the store.
 */
async function catchUp({ store, keys }: Parts): Promise<void> {
  const { position, known } = await store.read(async (view) => ({
    position: await view.position(),
    known: keys.verifying(await view.keys(), 'access'),
  }))
  await store.hear(position)
  const kids = new Set(known.keys.map(({ kid }) => kid))
  if (keys.publicKeys('access').keys.some(({ kid }) => !kids.has(kid))) await keys.refresh()
}

/** Errors: `ERR_AUTHORITY_FORBIDDEN` for anything but an allow. */
export function requireAllowed({ decision }: AuthDecision): void {
  if (decision !== 'allow') throw new AuthorityError('ERR_AUTHORITY_FORBIDDEN')
}

function guardLog(log: Logger): GuardLog {
  return {
    info: (message, fields) => log.debug({ ...fields }, message),
    warn: (message, fields) => log.warn({ ...fields }, message),
    error: (message, fields) => log.error({ ...fields }, message),
  }
}
