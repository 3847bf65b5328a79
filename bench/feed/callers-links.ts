// A caller as a guard keeps him, with 200 grants in his token: what a request costs after something was revoked, when all of them are
// looked up again. His source is the guard's own, of the kind that is told of revocations by its service.

import { createPlan, type Grant, packPrincipal } from '@cardea/claims'
import type { Position, RevocationKey, Revocations } from '@cardea/feed'
import { createSchema, entityUid, formatEntityUid, parsePolicies } from '@cardea/policy'
import { generateSigningKey, issueToken, publicJwk, type TokenClaims } from '@cardea/token'
import { createCallers } from '../../packages/guard/src/auth/caller.ts'
import { settingOf } from '../../packages/guard/src/setting.ts'
import type { Source } from '../../packages/guard/src/source/source.ts'
import { createStandaloneSource } from '../../packages/guard/src/source/standalone.ts'
import { schema } from '../authority/documents.ts'
import { AUDIENCE, ISSUER, POLICIES, TENANT, uuidOf } from '../authority/world.ts'

export interface CallersLinksOptions {
  readonly revocations: Revocations
  readonly now: () => number
  /** Where in the log his token stands. */
  readonly at: Position
  /** Whether something was revoked before every look. */
  readonly isNews: boolean
}

export interface CallersLinks {
  /** One look, as each decision has it; how many of his grants are left. */
  readonly count: () => number
  /** Takes one of his grants away. */
  readonly own: RevocationKey
}

export const CALLERS_GRANTS = 200
const TEAMS = 9

export async function createCallersLinks({ revocations, now, at, isNews }: CallersLinksOptions): Promise<CallersLinks> {
  const key = await generateSigningKey('ES256')
  const files = [{ file: 'policies.cedar', text: POLICIES }]
  const keys = { keys: [publicJwk(key)] }
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const options = { schema, policies: files, issuer: ISSUER, audience: AUDIENCE, keys, revocations, now, log }
  const own = await createStandaloneSource(options, settingOf(options))
  const source = isNews ? withNews(own) : own
  const edition = source.edition()
  const token = await source.verifier.verify(await issueToken({ ...claimsOf(now()), ...at }, key))
  const plan = edition === undefined ? undefined : source.planOf(token.claims, edition)
  if (edition === undefined || plan === undefined) throw new Error('the guard knows no policies, or no plan')
  const caller = createCallers().add({ token, edition, plan, grantSet: undefined, source })
  const [{ tenant, grantee, template, resource } = grantOf(0)] = caller.facts.grants
  return {
    count: () => caller.links(source).all.length,
    own: {
      kind: 'grant',
      tenant,
      grantee: formatEntityUid(grantee),
      template,
      resource: formatEntityUid(resource),
    },
  }
}

/** The same source, which has heard of something whenever it is asked. */
function withNews(source: Source): Source {
  let version = 0
  return {
    ...source,
    get grantVersion() {
      return (version += 1)
    },
  }
}

function claimsOf(now: number): TokenClaims {
  const indexed = createSchema(schema)
  const plan = createPlan({ policies: parsePolicies(POLICIES).policies, schema: indexed })
  const sub = uuidOf('a caller with grants')
  const input = {
    principal: entityUid('User', sub),
    tenant: TENANT,
    attributes: new Map(),
    ancestors: Array.from({ length: TEAMS }, (_, index) => teamOf(index)),
    grants: Array.from({ length: CALLERS_GRANTS }, (_, index) => grantOf(index)),
  }
  const base = { iss: ISSUER, aud: AUDIENCE, sub, client_id: 'web', tenant: TENANT, jti: uuidOf('his token') }
  return { ...base, iat: now - 10, exp: now + 290, ...packPrincipal(input, plan, indexed), attrs: {} }
}

function grantOf(index: number): Grant {
  return {
    tenant: TENANT,
    template: index % 3 === 0 ? 'editor' : 'viewer',
    grantee: teamOf(index),
    resource: entityUid('Document', uuidOf(`document ${index}`)),
  }
}

function teamOf(index: number): ReturnType<typeof entityUid> {
  return entityUid('Team', uuidOf(`team ${index % TEAMS}`))
}
