// RFC 6749 section 2.3.1: a client with a secret by HTTP Basic, one with keys by an assertion (RFC 7523), one with a certificate
// by `client_id` and its connection (RFC 8705 section 2), a public one by `client_id` alone; each in its own way only. Whatever is
// wrong, the answer is the same.

import { seesCertificates, verifiesCertificates } from '../../certificate-options.ts'
import { AuthorityError } from '../../errors.ts'
import type { ClientCertificate } from '../../identity/client-certificates.ts'
import { certificateMatches } from '../../identity/client-certificates.ts'
import { type Clients, isPublic, secretMatches } from '../../identity/clients.ts'
import type { Settings } from '../../options.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord } from '../../store/records.ts'

export interface ClientRequest {
  readonly authorization: string | undefined
  readonly parameters: ReadonlyMap<string, string>
  /** Of the connection. */
  readonly certificate: ClientCertificate | undefined
}

export type AuthenticationParts = Pick<Parts, 'clients' | 'clientAssertions'>

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** RFC 8414: what metadata say. Those of certificates only where certificates come, and somebody checks what they name. */
export function authenticationMethods(settings: Settings): readonly string[] {
  return [
    'client_secret_basic',
    'private_key_jwt',
    ...(verifiesCertificates(settings) ? ['tls_client_auth'] : []),
    ...(seesCertificates(settings) ? ['self_signed_tls_client_auth'] : []),
    'none',
  ]
}

/** Errors: `ERR_AUTHORITY_CLIENT`, and `ERR_AUTHORITY_REQUEST` for two ways at once. */
export async function authenticateClient(request: ClientRequest, parts: AuthenticationParts): Promise<ClientRecord> {
  const { authorization, parameters, certificate } = request
  const named = parameters.get('client_id')
  const assertion = readAssertion(request)
  if (authorization === undefined && assertion === undefined) {
    return authenticateByName(named, certificate, parts.clients)
  }
  const client =
    assertion === undefined
      ? await authenticateBasic(authorization ?? '', parts.clients)
      : await parts.clients.find(await parts.clientAssertions.verify(assertion))
  if (client === undefined) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
  if (named !== undefined && named !== client.id) {
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`client_id` is not the client that authenticates')
  }
  return client
}

function readAssertion({ authorization, parameters }: ClientRequest): string | undefined {
  const assertion = parameters.get('client_assertion')
  const type = parameters.get('client_assertion_type')
  if (parameters.has('client_secret')) {
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', 'a secret is sent by HTTP Basic and no other way')
  }
  if (assertion === undefined && type === undefined) return undefined
  if (authorization !== undefined) {
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', 'a client authenticates in one way at a time')
  }
  if (assertion === undefined || type !== ASSERTION_TYPE) {
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', `\`client_assertion_type\` must be \`${ASSERTION_TYPE}\``)
  }
  return assertion
}

async function authenticateBasic(authorization: string, clients: Clients): Promise<ClientRecord | undefined> {
  const { id, secret } = readBasic(authorization)
  const client = await clients.find(id)
  // first, so that an unknown client costs the comparison too
  return secretMatches(client, secret) ? client : undefined
}

/** A name alone is enough for a public client; one with a certificate must show it. */
async function authenticateByName(
  id: string | undefined,
  certificate: ClientCertificate | undefined,
  clients: Clients,
): Promise<ClientRecord> {
  const client = id === undefined ? undefined : await clients.find(id)
  if (client === undefined) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
  const { certificate: identity } = client
  const isProven =
    identity === undefined ? isPublic(client) : certificate !== undefined && certificateMatches(identity, certificate)
  if (!isProven) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
  return client
}

function readBasic(header: string): { readonly id: string; readonly secret: string } {
  const match = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)
  const text = Buffer.from(match?.[1] ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (match === null || colon < 1) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
  try {
    return { id: formDecode(text.slice(0, colon)), secret: formDecode(text.slice(colon + 1)) }
  } catch (cause) {
    throw new AuthorityError('ERR_AUTHORITY_CLIENT', undefined, { cause })
  }
}

/** RFC 6749 section 2.3.1: both halves are form-encoded before they are put together. */
function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
