// RFC 6749 section 2.3.1: a confidential client by HTTP Basic, a public one by `client_id` alone. Whatever is wrong, the
// answer is the same and takes the same time.

import { AuthorityError } from '../../errors.ts'
import { type Clients, isPublic, secretMatches } from '../../identity/clients.ts'
import type { ClientRecord } from '../../store/records.ts'

export interface ClientRequest {
  readonly authorization: string | undefined
  readonly parameters: ReadonlyMap<string, string>
}

/** Errors: `ERR_AUTHORITY_CLIENT`, and `ERR_AUTHORITY_REQUEST` for two ways at once. */
export async function authenticateClient(request: ClientRequest, clients: Clients): Promise<ClientRecord> {
  const named = request.parameters.get('client_id')
  if (request.parameters.has('client_secret') || request.parameters.has('client_assertion')) {
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', 'a client authenticates with HTTP Basic and nothing else')
  }
  if (request.authorization === undefined) return authenticatePublic(named, clients)
  const { id, secret } = readBasic(request.authorization)
  if (named !== undefined && named !== id) {
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`client_id` is not the client that authenticates')
  }
  const client = await clients.find(id)
  // first, so that an unknown client costs the comparison too
  const matches = secretMatches(client, secret)
  if (client === undefined || !matches) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
  return client
}

async function authenticatePublic(id: string | undefined, clients: Clients): Promise<ClientRecord> {
  const client = id === undefined ? undefined : await clients.find(id)
  if (client === undefined || !isPublic(client)) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
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
