// JSON Web Keys (RFC 7517) as plain data, and their thumbprints (RFC 7638).

import { createHash } from 'node:crypto'
import type { SignatureAlgorithm } from '../jws/algorithm.ts'

/** One key. Members that are not named here are carried and not read. */
export interface JsonWebKey {
  readonly kty: string
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
  readonly key_ops?: readonly string[]
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
  readonly [member: string]: unknown
}

/** A JSON Web Key Set (RFC 7517 section 5). */
export interface JsonWebKeySet {
  readonly keys: readonly JsonWebKey[]
}

/** What makes a public key the key that it is. */
export interface PublicMembers {
  readonly kty: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
}

/** A private key as JSON. A secret: keep it out of logs, answers and images. */
export interface PrivateJsonWebKey extends PublicMembers {
  readonly kid: string
  readonly alg: SignatureAlgorithm
  readonly use?: string
  readonly d: string
  readonly p?: string
  readonly q?: string
  readonly dp?: string
  readonly dq?: string
  readonly qi?: string
}

/** The SHA-256 thumbprint of RFC 7638, base64url. Two keys with the same one are the same key, whatever their `kid`. */
export function thumbprintOf({ crv, e, kty, n, x, y }: PublicMembers): string {
  // In the order of RFC 7638 section 3.3; `JSON.stringify` leaves out what a key of this type does not have.
  return createHash('sha256').update(JSON.stringify({ crv, e, kty, n, x, y })).digest('base64url')
}
