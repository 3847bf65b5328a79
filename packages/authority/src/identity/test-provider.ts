// Development only: a provider of our own whose people need no password. Its ID tokens go the same way as everybody's, so
// what works in development works with a real provider. Its keys live as long as the process.

import { randomUUID } from 'node:crypto'
import { generateSigningKey, issueToken, publicJwk, type SigningKey } from '@cardea/token'
import { AuthorityError } from '../errors.ts'
import type { PersonSettings, ProviderSettings, Settings } from '../options.ts'

const ID_TOKEN_SECONDS = 300

export interface TestProvider {
  readonly provider: ProviderSettings
  readonly people: readonly PersonSettings[]
  /** An ID token for one of the test users. Errors: `ERR_AUTHORITY_NOT_FOUND`. */
  signIn(user: string, clientId: string, options?: SignInOptions): Promise<string>
}

export interface SignInOptions {
  readonly acr?: string
  readonly amr?: readonly string[]
  /** Unix seconds; now by default. */
  readonly authTime?: number
}

/** `undefined` when there are no test users. */
export async function createTestProvider(settings: Settings, now: () => number): Promise<TestProvider | undefined> {
  const users = new Map(Object.entries(settings.testUsers))
  if (users.size === 0) return undefined
  const key = await generateSigningKey('ES256')
  const issuer = `${settings.issuer}/development`
  return {
    provider: providerOf(issuer, key, settings),
    people: [...users].map(([id, { tenant, attributes, parents }]) => ({
      id,
      issuer,
      tenant,
      subject: id,
      attributes,
      parents,
    })),
    async signIn(user, clientId, { acr, amr, authTime = now() } = {}) {
      const tenant = users.get(user)?.tenant
      if (tenant === undefined) throw new AuthorityError('ERR_AUTHORITY_NOT_FOUND', 'no test user has that name')
      const claims = {
        iss: issuer,
        sub: user,
        aud: clientId,
        iat: now(),
        exp: now() + ID_TOKEN_SECONDS,
        jti: randomUUID(),
        auth_time: authTime,
        tenant,
        ...(acr === undefined ? {} : { acr }),
        ...(amr === undefined ? {} : { amr: [...amr] }),
      }
      return issueToken(claims, key, { type: 'JWT' })
    },
  }
}

function providerOf(issuer: string, key: SigningKey, { clients, testUsers }: Settings): ProviderSettings {
  return {
    issuer,
    clients: Object.fromEntries(clients.map(({ id }) => [id, id])),
    tenants: [...new Set(Object.values(testUsers).map(({ tenant }) => tenant))],
    tenantClaim: 'tenant',
    subjectClaim: 'sub',
    attributes: {},
    parents: {},
    idTokenType: 'JWT',
    algorithms: ['ES256'],
    keys: { keys: [publicJwk(key)] },
    jwtBearer: false,
    sessionSeconds: 28_800,
  }
}
