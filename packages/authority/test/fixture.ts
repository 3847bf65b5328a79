// An authority in memory with a provider that signs what a test says, on a clock that stands until it is moved.

import {
  createRevocations,
  createSubjectNames,
  type FeedView,
  type Position,
  type Revocation,
  type Revocations,
  type SubjectNames,
} from '@cardea/feed'
import {
  generateSigningKey,
  issueToken,
  type JsonWebKeySet,
  publicJwk,
  type SigningKey,
  type TokenClaims,
} from '@cardea/token'
import { createAuthority, createSilentLog, type Authority, type AuthorityOptions } from '../src/index.ts'

export const ISSUER = 'https://authority.example'
export const DOCS = 'https://docs.example'
export const MAIL = 'https://mail.example'
export const IDP = 'https://idp.example'
export const NOW = 1_800_000_000

export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

export const SCHEMA = `
entity Tenant;
entity Team;
entity Role enum ["admin", "auditor"];
entity User in [Team, Role] { tenant: Tenant, clearance?: Long };
entity Folder;
entity Document in [Folder] { tenant: Tenant, owner: User };
action view, edit appliesTo { principal: [User], resource: [Document] };
`

/** The same as `cardea generate` writes it. */
export const SCHEMA_OBJECT = {
  entities: {
    Tenant: { parents: [], attributes: {} },
    Team: { parents: [], attributes: {} },
    Role: { parents: [], attributes: {}, enum: ['admin', 'auditor'] },
    User: {
      parents: ['Team', 'Role'],
      attributes: { tenant: { type: 'Entity', name: 'Tenant' }, clearance: { type: 'Long', optional: true } },
    },
    Folder: { parents: [], attributes: {} },
    Document: {
      parents: ['Folder'],
      attributes: { tenant: { type: 'Entity', name: 'Tenant' }, owner: { type: 'Entity', name: 'User' } },
    },
  },
  actions: {
    view: {
      uid: { type: 'Action', id: 'view' },
      memberOf: [],
      principals: ['User'],
      resources: ['Document'],
      context: {},
    },
    edit: {
      uid: { type: 'Action', id: 'edit' },
      memberOf: [],
      principals: ['User'],
      resources: ['Document'],
      context: {},
    },
  },
} as const

export const POLICIES = `
@id("admin-manages") permit (principal in Role::"admin", action, resource);
@id("owner-manages") permit (principal, action, resource) when { resource.owner == principal };
@id("viewer") permit (principal in ?principal, action == Action::"view", resource in ?resource);
@id("editor") permit (principal in ?principal, action in [Action::"view", Action::"edit"], resource in ?resource);
@id("tenants-apart") forbid (principal, action, resource) unless { resource.tenant == principal.tenant };
`

export const sources = {
  schema: { file: 'schema.cedarschema', text: SCHEMA },
  policies: [{ file: 'policies.cedar', text: POLICIES }],
}

export const SECRETS = {
  'web-server': 'the secret of the web server, long',
  backend: 'the secret of the backend of a web page',
  docs: 'the secret of the document service',
  mail: 'the secret of the mail service, long',
  sharing: 'the secret of who shares documents',
  admin: 'the secret of the administrator, long',
  auditor: 'the secret of the auditor, quite long',
}

interface Clock {
  seconds: number
}

interface Provider {
  readonly key: SigningKey
  /** An ID token for Ann at `web-server`, but for what is said. */
  idToken(changes?: Partial<TokenClaims>, key?: SigningKey, type?: string): Promise<string>
  readonly fetch: typeof globalThis.fetch
  readonly fetched: string[]
}

export interface World {
  readonly authority: Authority
  readonly clock: Clock
  readonly provider: Provider
  readonly options: AuthorityOptions
  /** Sends a form to /token. */
  token(client: string | undefined, form: Record<string, string>, headers?: Record<string, string>): Promise<Response>
  /** A token for the authority's own API. */
  own(client: keyof typeof SECRETS): Promise<string>
  /** Calls the API as a client. */
  api(
    client: keyof typeof SECRETS,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>
  /** Exchanges an ID token at `web-server` for a token for the document service. */
  exchange(form?: Record<string, string>, headers?: Record<string, string>): Promise<Response>
}

export interface WorldOptions extends Partial<AuthorityOptions> {
  /** Default true. */
  readonly publish?: boolean
  readonly clock?: Clock
  readonly provider?: Provider
}

export async function createWorld({
  publish = true,
  clock = { seconds: NOW },
  ...options
}: WorldOptions = {}): Promise<World> {
  const provider = options.provider ?? (await createProvider(clock))
  const settings: AuthorityOptions = {
    issuer: ISSUER,
    store: ':memory:',
    development: true,
    audiences: [{ id: DOCS }, { id: MAIL, tokenSeconds: 60, dpopRequired: true }],
    clients: [
      { id: 'web-server', secret: SECRETS['web-server'], audiences: [DOCS, MAIL] },
      { id: 'browser', audiences: [DOCS] },
      { id: 'app', audiences: [DOCS], session: true, idleSeconds: 3600 },
      { id: 'backend', secret: SECRETS.backend, audiences: [DOCS, MAIL], session: true, idleSeconds: 3600 },
      { id: 'docs', secret: SECRETS.docs, roles: ['guard'], audiences: [DOCS] },
      { id: 'mail', secret: SECRETS.mail, roles: ['guard'], audiences: [MAIL] },
      { id: 'sharing', secret: SECRETS.sharing, roles: ['granter'], tenants: ['acme'], templates: ['viewer'] },
      { id: 'admin', secret: SECRETS.admin, roles: ['admin'] },
      { id: 'auditor', secret: SECRETS.auditor, roles: ['auditor'] },
    ],
    providers: [
      {
        issuer: IDP,
        clients: ['web-server', 'browser', 'app', 'backend'],
        tenants: { org_acme: 'acme', org_other: 'other' },
        tenantClaim: 'org_id',
        attributes: { tenant: '$tenant', clearance: 'https://acme.example/clearance' },
        parents: { Role: 'roles' },
        algorithms: ['ES256'],
      },
    ],
    directory: [{ id: 'ann', issuer: IDP, tenant: 'acme', subject: 'auth0|1', parents: ['Team::"blue"'] }],
    now: () => clock.seconds,
    fetch: provider.fetch,
    log: createSilentLog(),
    ...withoutOwn(options),
  }
  const authority = await createAuthority(settings)
  if (publish) await authority.service.publish(sources)
  const world: World = {
    authority,
    clock,
    provider,
    options: settings,
    async token(client, form, headers = {}) {
      return postForm(authority, '/token', client, form, headers)
    },
    async own(client) {
      const response = await world.token(client, { grant_type: 'client_credentials' })
      return ((await response.json()) as { access_token: string }).access_token
    },
    async api(client, method, path, body, headers = {}) {
      return authority.app.request(`${ISSUER}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await world.own(client)}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    },
    async exchange(form = {}, headers = {}) {
      const given = {
        grant_type: EXCHANGE,
        subject_token: form['subject_token'] ?? (await provider.idToken()),
        subject_token_type: ID_TOKEN,
        audience: DOCS,
        ...form,
      }
      return world.token('web-server', given, headers)
    },
  }
  return world
}

async function createProvider(clock: Clock): Promise<Provider> {
  const key = await generateSigningKey('ES256')
  const fetched: string[] = []
  return {
    key,
    fetched,
    async idToken(changes = {}, signedBy = key, type = 'JWT') {
      const claims = {
        iss: IDP,
        sub: 'auth0|1',
        aud: 'web-server',
        iat: clock.seconds - 5,
        exp: clock.seconds + 600,
        nonce: 'n',
        org_id: 'org_acme',
        roles: ['auditor'],
        acr: 'mfa',
        amr: ['pwd', 'otp'],
        auth_time: clock.seconds - 60,
        ...changes,
      }
      return issueToken(claims, signedBy, { type })
    },
    fetch: async (input) => {
      const url = String(input instanceof Request ? input.url : input)
      fetched.push(url)
      if (url === `${IDP}/.well-known/openid-configuration`) {
        return Response.json({ issuer: IDP, jwks_uri: `${IDP}/keys` })
      }
      if (url === `${IDP}/keys`) return Response.json({ keys: [publicJwk(key)] })
      return new Response('not found', { status: 404 })
    },
  }
}

/** A form to an OAuth endpoint, by a client with its secret or by nobody. */
export async function postForm(
  { app }: Authority,
  path: string,
  client: string | undefined,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return app.request(`${ISSUER}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(client === undefined ? {} : { authorization: basic(client) }),
      ...headers,
    },
    body: new URLSearchParams(form).toString(),
  })
}

export function basic(client: string, secret?: string): string {
  const known: Readonly<Record<string, string>> = SECRETS
  const text = `${encodeURIComponent(client)}:${encodeURIComponent(secret ?? known[client] ?? '')}`
  return `Basic ${Buffer.from(text).toString('base64')}`
}

export async function keySetOf({ authority }: World): Promise<JsonWebKeySet> {
  const response = await authority.app.request(`${authority.issuer}/jwks`)
  return (await response.json()) as JsonWebKeySet
}

/** The body of an answer, loosely typed: tests say what they expect. */
export async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>
}

function withoutOwn(options: WorldOptions): Partial<AuthorityOptions> {
  const { provider: _provider, publish: _publish, clock: _clock, ...rest } = options
  return rest
}

/** What a guard of the document service is told now. */
export interface Heard {
  readonly position: Position
  readonly entries: readonly Revocation[]
  readonly revocations: Revocations
  readonly names: SubjectNames
  /** Of the keys by which it verifies tokens. */
  readonly keyIds: readonly string[]
}

export async function hear(world: World): Promise<Heard> {
  const snapshot = await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
  const { subjectKey } = snapshot['view'] as FeedView
  const entries = snapshot['revocations'] as Revocation[]
  const { keys } = snapshot['jwks'] as JsonWebKeySet
  const names = createSubjectNames(() => subjectKey)
  const revocations = createRevocations({ now: () => world.clock.seconds, names })
  for (const entry of entries) revocations.add(entry)
  const keyIds = keys.map(({ kid }) => String(kid))
  return { position: snapshot['position'] as Position, entries, revocations, names, keyIds }
}
