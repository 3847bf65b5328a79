// What an authority is told: who it is, whom it trusts, whom it serves. Checked whole at start; what is wrong stops it.

import { DECISION_LOG_LIMITS } from '@cardea/opa'
import type { JsonWebKeySet } from '@cardea/token'
import type { Logger } from 'pino'
import { z } from 'zod'
import { certificateMembers, checkCertificates, clientCertificateMembers } from './certificate-options.ts'
import { AuthorityError } from './errors.ts'
import type { ExternalSigner } from './key/external-signer.ts'
import { isPostgres } from './store/location.ts'

/** Verifiers keep a key set for some minutes, ten as a rule. A pending key is known for a whole rotation before it signs. */
const LEAST_ROTATION_SECONDS = 3600
const ROLES = ['admin', 'guard', 'granter', 'auditor'] as const

const name = z.string().min(1).max(200)
const audienceId = z.url().refine((text) => !text.includes('#'), 'an audience is an absolute URI without a fragment')

const audience = z
  .strictObject({
    id: audienceId,
    /** The life of its tokens. */
    tokenSeconds: z.int().min(10).max(86_400).default(300),
    /** Its tokens are issued to a DPoP key only. */
    dpopRequired: z.boolean().default(false),
    /** Its tokens are issued to a client certificate only, and bound to it. */
    certificateRequired: z.boolean().default(false),
    /** Its tokens count only from the address that asked for them, unless a confidential client names others. */
    bindAddress: z.boolean().default(false),
    /** The actions that it decides; the claims plan is made from their policies. Left out: all. */
    actions: z.array(name).optional(),
    /** The largest token it takes. */
    maxTokenBytes: z.int().min(1024).max(65_536).default(8192),
    /**
     * Beyond that size a token names its grants, and guards fetch them. `false` where who decides cannot fetch, such as OPA: then no
     * token is issued that would be larger.
     */
    grantsByReference: z.boolean().default(true),
    /** It is served by OPAs: they get its policies as Rego, its keys and its revocations as signed bundles. No token of it goes by reference. */
    opa: z.boolean().default(false),
  })
  .transform((given) => (given.opa ? { ...given, grantsByReference: false } : given))

const algorithm = z.enum(['ES256', 'RS256', 'PS256', 'EdDSA'])
const signing = algorithm.default('ES256')

const keySet = z.custom<JsonWebKeySet>((value) => typeof value === 'object' && value !== null)

const client = z.strictObject({
  id: name,
  /** Without a secret and keys: a public client, which can exchange and nothing else. */
  secret: z.string().min(1).optional(),
  /** Its public keys, in place of a secret: it authenticates by `private_key_jwt`, and by nothing else. */
  keys: keySet.optional(),
  /** Or where they are. */
  jwksUri: z.url().optional(),
  ...clientCertificateMembers,
  roles: z.array(z.enum(ROLES)).default([]),
  /** What it may exchange for, and whose feed it may read. */
  audiences: z.array(z.string()).default([]),
  /** A service passes its callers on: whose token for one audience it may exchange for one for another. */
  exchanges: z.array(z.strictObject({ from: z.string(), to: z.string() })).default([]),
  /** Exchanges give it a refresh token too, so that a sign-in lasts longer than the ID token. */
  session: z.boolean().default(false),
  /** How long a refresh token may lie unused. It ends with its sign-in in any case. */
  idleSeconds: z.int().min(60).max(2_592_000).default(86_400),
  /** A guard serves these tenants, or all when there are none or `*` is there; a granter grants in them, or in all when `*` is there. */
  tenants: z.array(name).default([]),
  /** A granter grants these templates, or all when `*` is there. */
  templates: z.array(name).default([]),
})

const provider = z.strictObject({
  issuer: z.url(),
  /** Clients whose ID tokens are taken: our client id to the provider's, or a list when they are the same. */
  clients: z.union([z.array(name).min(1), z.record(name, name)]),
  /** The tenants that this provider speaks for, by what `tenantClaim` says; just one without a `tenantClaim`. */
  tenants: z.union([z.array(name).min(1), z.record(name, name)]),
  tenantClaim: name.optional(),
  subjectClaim: name
    .refine((claim) => claim !== 'email' && claim !== 'preferred_username', 'that claim can change hands')
    .default('sub'),
  /** Attribute of the principal to the claim that supplies it; `$tenant` is the tenant that was found. */
  attributes: z.record(name, name).default({}),
  /** Type of a parent entity to the claim that lists the ids. */
  parents: z.record(name, name).default({}),
  /** The `typ` that its ID tokens say; `none` for a provider whose tokens say nothing. */
  idTokenType: z.enum(['JWT', 'none']).default('JWT'),
  algorithms: z.array(algorithm).min(1).default(['RS256', 'ES256']),
  /** Where its keys are; by default what its discovery document says. */
  jwksUri: z.url().optional(),
  /** Its keys themselves, for a provider without a key endpoint. */
  keys: keySet.optional(),
  /** Its assertions about people, made for this authority, are taken too (RFC 7523 section 2.1). */
  jwtBearer: z.boolean().default(false),
  /** How long after the ID token was made it may be exchanged, and how long what comes of it lives. */
  sessionSeconds: z.int().min(60).max(2_592_000).default(28_800),
})

const person = z.strictObject({
  id: name,
  issuer: z.url(),
  tenant: name,
  subject: name,
  attributes: z.record(name, z.unknown()).default({}),
  parents: z.array(z.string()).default([]),
})

const testUser = z.strictObject({
  tenant: name,
  attributes: z.record(name, z.unknown()).default({}),
  parents: z.array(z.string()).default([]),
})

const limits = z.strictObject({
  bodyBytes: z
    .int()
    .min(1024)
    .default(64 * 1024),
  policyBytes: z
    .int()
    .min(1024)
    .default(4 * 1024 * 1024),
  decisionBytes: z
    .int()
    .min(1024)
    .default(2 * 1024 * 1024),
  decisionsABatch: z.int().min(1).default(1000),
  /** Of a decision log of an OPA, unpacked. What an OPA sends by default (32 KiB) is never more than 33 MiB. */
  opaLogBytes: z
    .int()
    .min(1024)
    .max(512 * 1024 * 1024)
    .default(DECISION_LOG_LIMITS.bytes),
  opaEventsABatch: z.int().min(1).default(DECISION_LOG_LIMITS.events),
  grantsAGrantee: z.int().min(1).default(500),
  streams: z.int().min(1).default(1000),
  /** Questions of OPAs that wait for something new; each OPA has three. */
  opaPolls: z.int().min(1).default(3000),
  decisionDays: z.int().min(1).default(30),
})

const options = z.strictObject({
  issuer: z.url(),
  /** The SQLite file, `:memory:` in development, or `postgres://user:password@host/database`. */
  store: z.string().min(1),
  /** 32 bytes in base64 or base64url that encrypt private keys at rest. In development one is made beside the store. */
  key: z.string().optional(),
  /** Encryption keys of before: they open what they sealed, until it is sealed anew (`cardea keys reseal`). */
  previousKeys: z.array(z.string()).max(8).default([]),
  development: z.boolean().default(false),
  audiences: z.array(audience).default([]),
  clients: z.array(client).default([]),
  providers: z.array(provider).default([]),
  directory: z.array(person).default([]),
  /** Development only: people who can be signed in without a provider. */
  testUsers: z.record(name, testUser).default({}),
  /** What signs access tokens, bundles and the audit: one for all, or one each. Another takes effect by a rotation, by hand but for tokens. */
  algorithm: z
    .union([algorithm, z.strictObject({ access: signing, bundle: signing, audit: signing })], {
      error: 'must be of ES256, RS256, PS256, EdDSA: whoever verifies with a symmetric one can forge with it',
    })
    .default('ES256')
    .transform((given) => (typeof given === 'string' ? { access: given, bundle: given, audit: given } : given)),
  /** How long a key signs access tokens until the pending one takes its place; 0 leaves it to whoever calls for a rotation. */
  rotateKeysSeconds: z.union([z.literal(0), z.int().min(LEAST_ROTATION_SECONDS)]).default(30 * 86_400),
  /** The entity types of people and of clients in the published schema. */
  principalType: name.default('User'),
  clientType: name.default('Client'),
  /** How long a signed bundle is taken for; it is signed again well before. */
  bundleSeconds: z
    .int()
    .min(3600)
    .default(30 * 86_400),
  /** The database was restored from a copy: a new epoch begins and every token issued before is refused. */
  restored: z.boolean().default(false),
  /** A DPoP proof at the token endpoint must carry a nonce of ours, which counts this long; 0 for none. */
  dpopNonceSeconds: z.union([z.literal(0), z.int().min(10).max(3600)]).default(0),
  /**
   * How long an authority that is told to end goes on answering after `/health` says that it ends, so that whoever distributes requests
   * turns to another one. Default: 5 with PostgreSQL, 0 with SQLite, where there is no other.
   */
  drainSeconds: z.number().min(0).max(300).optional(),
  ...certificateMembers,
  limits: limits.prefault({}),
})

/** What a user writes: all but `issuer` and `store` has a default. */
export type AuthorityOptions = z.input<typeof options> & {
  /** Unix seconds. */
  readonly now?: () => number
  readonly fetch?: typeof globalThis.fetch
  readonly log?: Logger
  /** Makes the keys and signs with them, in place of keys in the database. With `key` as well, those that are there are used up. */
  readonly signer?: ExternalSigner
}

export type Settings = z.output<typeof options>
export type AudienceSettings = Settings['audiences'][number]
export type ClientSettings = Settings['clients'][number]
export type ProviderSettings = Settings['providers'][number]
export type PersonSettings = Settings['directory'][number]

/**
 * Checks the options and fills in the defaults.
 * Errors: `ERR_AUTHORITY_CONFIG`, `ERR_AUTHORITY_DEVELOPMENT_IN_PRODUCTION`.
 */
export function checkOptions(given: AuthorityOptions, environment: string | undefined): Settings {
  const { now: _now, fetch: _fetch, log: _log, signer, ...rest } = given
  const parsed = options.safeParse(rest)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw misconfigured(`\`${issue?.path.map(String).join('.') ?? ''}\`: ${issue?.message ?? 'not valid'}`)
  }
  const settings = parsed.data
  checkDevelopment(settings, environment, signer !== undefined)
  checkIssuer(settings)
  checkUnique(
    settings.audiences.map(({ id }) => id),
    'audience',
  )
  checkUnique(
    settings.clients.map(({ id }) => id),
    'client',
  )
  checkUnique(
    settings.providers.map(({ issuer }) => issuer),
    'provider',
  )
  checkUnique([...settings.directory.map(({ id }) => id), ...Object.keys(settings.testUsers)], 'person')
  if (settings.audiences.some(({ id }) => id === settings.issuer)) {
    throw misconfigured('the issuer is an audience of its own and cannot be configured as one')
  }
  for (const client of settings.clients) checkClient(client, settings)
  checkCertificates(settings)
  if (settings.algorithm.bundle === 'EdDSA' && settings.audiences.some(({ opa }) => opa)) {
    throw misconfigured('`algorithm.bundle`: OPA does not verify bundles by EdDSA, and an audience is served by OPAs')
  }
  for (const { issuer, tenants, tenantClaim } of settings.providers) {
    if (tenantClaim === undefined && Object.keys(tenants).length !== 1) {
      throw misconfigured(`the provider \`${issuer}\` serves several tenants: say which claim names one`)
    }
  }
  return settings
}

const KEY_MISSING = '`key` is missing: 32 random bytes in base64 that encrypt private keys at rest'

function checkDevelopment(settings: Settings, environment: string | undefined, hasSigner: boolean): void {
  const { development, testUsers, store, key } = settings
  const lacksKey = key === undefined && !hasSigner
  if (environment === 'production' && (development || Object.keys(testUsers).length > 0)) {
    throw new AuthorityError('ERR_AUTHORITY_DEVELOPMENT_IN_PRODUCTION', undefined, {
      hint: 'take `development` and `testUsers` out of the configuration',
    })
  }
  if (isPostgres(store) && lacksKey) throw misconfigured(KEY_MISSING)
  if (development) return
  if (Object.keys(testUsers).length > 0) throw misconfigured('`testUsers` are for development only')
  if (store === ':memory:') throw misconfigured('`store`: `:memory:` is for development only')
  if (lacksKey) throw misconfigured(KEY_MISSING)
}

function checkIssuer({ issuer, development }: Settings): void {
  const url = new URL(issuer)
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (loopback || development))) {
    throw misconfigured('`issuer` must be an https URL, or http on a loopback address')
  }
  // the text is compared byte for byte by everyone who verifies a token
  if (url.search !== '' || url.hash !== '' || url.username !== '' || issuer.endsWith('/')) {
    throw misconfigured('`issuer` must have no query, no fragment, no user and no slash at the end')
  }
}

function checkClient(client: ClientSettings, settings: Settings): void {
  const { id, secret, keys, jwksUri, roles, audiences, exchanges } = client
  const { certificates, certificateSubject } = client
  const proofs = [secret, keys, jwksUri, certificates, certificateSubject].filter((proof) => proof !== undefined)
  if (proofs.length > 1) {
    const ways = '`secret`, `keys`, `jwksUri`, `certificates`, `certificateSubject`'
    throw misconfigured(`the client \`${id}\` must have one of ${ways}`)
  }
  if (proofs.length === 0 && roles.length > 0) throw misconfigured(`the public client \`${id}\` cannot have a role`)
  if (secret !== undefined && secret.length < 32 && !settings.development) {
    throw misconfigured(`the secret of the client \`${id}\` is shorter than 32 characters`)
  }
  if (proofs.length === 0 && exchanges.length > 0) {
    throw misconfigured(`the public client \`${id}\` cannot exchange what others hold`)
  }
  for (const audience of [...audiences, ...exchanges.flatMap(({ from, to }) => [from, to])]) {
    if (settings.audiences.some((known) => known.id === audience)) continue
    throw misconfigured(`the client \`${id}\` names an audience that is not configured: \`${audience}\``)
  }
}

function checkUnique(ids: readonly string[], what: string): void {
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw misconfigured(`the ${what} \`${twice}\` stands twice`)
}

function misconfigured(message: string): AuthorityError {
  return new AuthorityError('ERR_AUTHORITY_CONFIG', message)
}
