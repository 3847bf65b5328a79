// Real keys, real tokens, real policies, a clock that stands: what the tests of the guard have in common.

import {
  createPlan,
  type Grant,
  type GrantSet,
  packPrincipal,
  packPrincipalByReference,
  type PrincipalInput,
} from '@cardea/claims'
import { createSchema, type EntityUid, entityUid, parsePolicies, type Value } from '@cardea/policy'
import { generateSigningKey, issueToken, publicJwk, type SigningKey } from '@cardea/token'
import {
  createGuard,
  type DecisionEvent,
  type Guard,
  type GuardRequest,
  type StandaloneOptions,
} from '../../src/index.ts'
import { POLICIES, schema } from './documents.ts'

export const NOW = 1_800_000_000
export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'https://documents.example/api'
export const OFFICE = '10.1.2.3'

/** What JWKS verifies. */
export const KEY: SigningKey = await generateSigningKey('ES256')
export const JWKS = { keys: [publicJwk(KEY)] }

const indexed = createSchema(schema)
const { policies } = parsePolicies(POLICIES[0].text, { file: POLICIES[0].file })
export const PLAN = createPlan({ policies, schema: indexed })

export interface Person {
  readonly id: string
  readonly tenant: string
  readonly roles?: readonly string[]
  readonly grants?: readonly {
    readonly template: string
    readonly resource: EntityUid
    readonly untilSeconds?: number
  }[]
}

export const ANN: Person = { id: 'ann', tenant: 'acme' }
export const BOB: Person = { id: 'bob', tenant: 'acme' }
export const AUDITOR: Person = { id: 'olga', tenant: 'acme', roles: ['auditor'] }
export const ADMIN: Person = { id: 'root', tenant: 'acme', roles: ['admin'] }
export const STRANGER: Person = { id: 'zed', tenant: 'globex' }

let tokens = 0

/** A token of our own form; `claims` override. */
export async function tokenFor(
  person: Person,
  claims: Readonly<Record<string, unknown>> = {},
  signer: SigningKey = KEY,
): Promise<string> {
  return sign(person, { ...packPrincipal(inputOf(person), PLAN, indexed), ...claims }, signer)
}

/** The same with the grants by reference, and the set that it names. */
export async function tokenByReference(
  person: Person,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly token: string; readonly set: GrantSet }> {
  const place = { issuer: ISSUER, audience: AUDIENCE }
  const { claims: packed, set } = packPrincipalByReference(inputOf(person), PLAN, indexed, place)
  return { token: await sign(person, { ...packed, ...claims }, KEY), set }
}

function inputOf({ id, tenant, roles = [], grants = [] }: Person): PrincipalInput {
  const principal = entityUid('User', id)
  return {
    principal,
    tenant,
    attributes: new Map<string, Value>([['tenant', entityUid('Tenant', tenant)]]),
    ancestors: roles.map((role) => entityUid('Role', role)),
    grants: grants.map((grant): Grant => ({ ...grant, tenant, grantee: principal })),
  }
}

function sign(person: Person, claims: Readonly<Record<string, unknown>>, signer: SigningKey): Promise<string> {
  tokens += 1
  const base = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: person.id,
    client_id: 'web',
    jti: `token-${tokens}`,
    iat: NOW - 10,
    exp: NOW + 290,
    tenant: person.tenant,
  }
  return issueToken({ ...base, ...claims }, signer)
}

export interface World {
  readonly guard: Guard<typeof schema>
  readonly events: DecisionEvent[]
  readonly logged: string[]
  /** Moves the clock. */
  now: number
}

/** A standalone guard whose ids are all `correlation`, so that answers can be compared byte for byte. */
export async function createWorld(options: Partial<StandaloneOptions<typeof schema>> = {}): Promise<World> {
  const events: DecisionEvent[] = []
  const logged: string[] = []
  const log = (message: string): void => {
    logged.push(message)
  }
  const world: { now: number } & Omit<World, 'guard'> = { now: NOW, events, logged }
  const guard = await createGuard({
    schema,
    policies: POLICIES,
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: JWKS,
    now: () => world.now,
    createId: () => 'correlation',
    onDecision: (event) => events.push(event),
    log: { info: log, warn: log, error: log },
    trustedProxies: ['127.0.0.1'],
    ...options,
  })
  return Object.assign(world, { guard })
}

/** A request with a token, from the office unless said otherwise. */
export function requestWith(token: string | undefined, more: Partial<GuardRequest> = {}): GuardRequest {
  return {
    method: 'GET',
    url: '/documents/plan',
    address: OFFICE,
    ...more,
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...more.headers },
  }
}

/** What a call throws. A call that does not throw fails the test. */
export async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
