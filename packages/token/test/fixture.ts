// One issuer, one audience, one moment, one key of each algorithm, and a forge: it signs whatever it is told to.

import { constants, createHmac, type KeyObject, sign } from 'node:crypto'
import { createLocalKeys, createVerifier, generateSigningKey, publicJwk } from '@cardea/token'
import type { SignatureAlgorithm, LocalSigningKey, TokenClaims, Verifier, VerifierOptions } from '@cardea/token'

export const NOW = 1_800_000_000
export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'https://api.example/documents'

export const es256: LocalSigningKey = await generateSigningKey('ES256', { kid: 'es-1' })
export const rs256: LocalSigningKey = await generateSigningKey('RS256', { kid: 'rs-1' })
export const ps256: LocalSigningKey = await generateSigningKey('PS256', { kid: 'ps-1' })
export const eddsa: LocalSigningKey = await generateSigningKey('EdDSA', { kid: 'ed-1' })
export const attacker: LocalSigningKey = await generateSigningKey('ES256', { kid: 'evil-1' })
export const signers: readonly LocalSigningKey[] = [es256, rs256, ps256, eddsa]

export const CLAIMS: TokenClaims = {
  iss: ISSUER,
  sub: 'ann@4711',
  aud: AUDIENCE,
  client_id: 'web',
  iat: NOW - 10,
  exp: NOW + 290,
  jti: 'token-1',
}

/** A verifier of all four algorithms at a fixed moment. */
export function verifierAt(options: Partial<VerifierOptions> = {}): Verifier {
  return createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    keys: createLocalKeys({ keys: signers.map(publicJwk) }),
    now: () => NOW,
    ...options,
  })
}

/** A part of a token: an object or text in base64url, or bytes as they are. */
export function part(content: object | string): string {
  const bytes = Buffer.isBuffer(content)
    ? content
    : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  return bytes.toString('base64url')
}

export interface Forgery {
  /** Header members, laid over `{ alg: 'ES256', kid: 'es-1', typ: 'at+jwt' }`; or the whole header as text. */
  readonly header?: { readonly [name: string]: unknown } | string
  /** Claims, laid over the good ones; or the whole payload as text or bytes. */
  readonly payload?: { readonly [name: string]: unknown } | string | Buffer
  /** Default: the good ES256 key. */
  readonly signer?: (input: string) => Buffer
}

/** A token with a true signature over whatever it says. */
export function forge({ header = {}, payload = {}, signer = signWith(es256) }: Forgery = {}): string {
  const head = typeof header === 'string' ? header : { alg: 'ES256', kid: 'es-1', typ: 'at+jwt', ...header }
  const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : { ...CLAIMS, ...payload }
  const input = `${part(head)}.${part(body)}`
  return `${input}.${signer(input).toString('base64url')}`
}

/** Claims as JSON text, with members laid over as raw JSON: `{ exp: '1e400' }`. */
export function claimsText(raw: Readonly<Record<string, string>>): string {
  const members = new Map(Object.entries(CLAIMS).map(([name, value]) => [name, JSON.stringify(value)]))
  for (const [name, text] of Object.entries(raw)) members.set(name, text)
  return `{${[...members].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
}

export function signWith({ algorithm, privateKey }: LocalSigningKey): (input: string) => Buffer {
  return (input) => RAW_SIGNERS[algorithm](Buffer.from(input), privateKey)
}

export function hmacWith(secret: string | Buffer): (input: string) => Buffer {
  return (input) => createHmac('sha256', secret).update(input).digest()
}

export function constantSignature(bytes: Buffer): () => Buffer {
  return () => bytes
}

const RAW_SIGNERS: Readonly<Record<SignatureAlgorithm, (input: Buffer, key: KeyObject) => Buffer>> = {
  ES256: (input, key) => sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  RS256: (input, key) => sign('sha256', input, { key, padding: constants.RSA_PKCS1_PADDING }),
  PS256: (input, key) => sign('sha256', input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  EdDSA: (input, key) => sign(null, input, key),
}

/** The code of the error that a call ends with, or `'accepted'`. Whatever is no error of ours is thrown on. */
export async function outcome(run: () => unknown): Promise<string> {
  try {
    await run()
    return 'accepted'
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.name === 'TokenError') return String(thrown.code)
    throw thrown
  }
}
