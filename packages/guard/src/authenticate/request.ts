// What a guard must be told of a request, whatever framework it came through.

import type { Headers } from './credentials.ts'

export interface GuardRequest {
  readonly method: string
  /** The target as it came: a path with its query, or an absolute address. */
  readonly url: string
  /** Names in lower case, as Node gives them. */
  readonly headers: Headers
  /** Names and values as they came, in turn: Node's `rawHeaders`. With it repeated headers are seen that `headers` hides. */
  readonly rawHeaders?: readonly string[]
  /** Of the connection, not of a header: proxies are believed by configuration. */
  readonly address?: string | undefined
  /** Whether the connection to this process is encrypted. */
  readonly encrypted?: boolean
  /** DER bytes of the client certificate that this connection was authenticated with; of a proxy's connection it is the proxy's, and not counted. */
  readonly certificate?: Uint8Array | undefined
  /** The tenant that the address of the request names; must be the token's. */
  readonly tenant?: string | undefined
}
