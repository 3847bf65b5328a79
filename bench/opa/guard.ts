// A whole guard on the reference workload: the token that it verified, the row that the handler has loaded, the decision as a value. It
// stands alone; what an authority adds (news, freshness) costs a decision nothing that is seen here.

import { createPlan, packPrincipal } from '@cardea/claims'
import { type Auth, createGuard } from '@cardea/guard'
import { type EntityUid, entityUid, parseIp, type Value } from '@cardea/policy'
import { generateSigningKey, issueToken, publicJwk, type SigningKey } from '@cardea/token'
import type { Reference, ReferenceRequest } from '../decide/reference/reference.ts'
import type { AnySubject } from '../harness.ts'
import { documentOf, schema } from './documents.ts'
import { AUDIENCE, FACTS, ISSUER, POLICY_FILE, type Published } from './policies.ts'

export interface GuardSubjects {
  readonly subjects: readonly AnySubject[]
  close(): Promise<void>
}

const NOW = 1_800_000_000

/** The text is that of the published policies. */
export async function guardSubjects(data: Reference, published: Published, text: string): Promise<GuardSubjects> {
  const key = await generateSigningKey('ES256')
  const guard = await createGuard({
    schema,
    policies: [{ file: POLICY_FILE, text }],
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { keys: [publicJwk(key)] },
    now: () => NOW,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  })
  const authorization = `Bearer ${await tokenOf(data, published, key)}`
  const enter = ({ ip }: ReferenceRequest): Promise<Auth<typeof schema>> =>
    guard.authenticate({ method: 'GET', url: '/documents', headers: { authorization }, address: ip })
  const asked = await Promise.all(
    data.requests.map(async (request) => ({
      request,
      auth: await enter(request),
      document: documentOf(request.document),
    })),
  )
  const at = (index: number): (typeof asked)[number] => {
    const question = asked[index]
    if (question === undefined) throw new RangeError(`no request ${index}`)
    return question
  }
  const subjects: readonly AnySubject[] = [
    {
      name: 'guard, decide',
      cases: asked.length,
      run(index) {
        const { auth, request, document } = at(index)
        return auth.decide(request.action, document, { mfa: request.mfa }).decision === 'allow'
      },
    },
    {
      name: 'guard, whole request',
      cases: asked.length,
      async runAsync(index) {
        const { request } = at(index)
        const auth = await enter(request)
        return auth.decide(request.action, documentOf(request.document), { mfa: request.mfa }).decision === 'allow'
      },
    },
  ]
  return { subjects, close: () => guard.close() }
}

/** As the authority would have issued it: what the plan of the policies names, and the grants. */
function tokenOf(data: Reference, published: Published, key: SigningKey): Promise<string> {
  const { user } = data
  const base = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: user.id,
    client_id: 'web',
    jti: 'token-1',
    iat: NOW - 10,
    exp: NOW + FACTS.maxLifetimeSeconds - 10,
    tenant: user.tenant,
  }
  return issueToken({ ...base, ...principalClaims(data, published) }, key)
}

function principalClaims(
  { user, grants }: Reference,
  { program, schema: indexed }: Published,
): Readonly<Record<string, unknown>> {
  const principal = entityUid(FACTS.principalType, user.id)
  const input = {
    principal,
    tenant: user.tenant,
    attributes: new Map<string, Value>([
      ['tenant', entityUid('Tenant', user.tenant)],
      ['office', addressOf(user.office)],
      ['vpn', addressOf(user.vpn)],
    ]),
    ancestors: user.departments.map((id): EntityUid => entityUid('Department', id)),
    grants: grants.map(({ template, type, id }) => ({
      template,
      tenant: user.tenant,
      grantee: principal,
      resource: entityUid(type, id),
    })),
  }
  return { ...packPrincipal(input, createPlan({ policies: program.policies, schema: indexed }), indexed) }
}

function addressOf(text: string): Value {
  const ip = parseIp(text)
  if (ip === undefined) throw new TypeError('the workload has a malformed address')
  return ip
}
