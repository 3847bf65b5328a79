// Groups 1 to 11 and 16: what an attacker writes around the claims. Headers, keys, spellings, serializations, signatures.

import { constants, sign } from 'node:crypto'
import { exportSigningKey, publicJwk } from '@cardea/token'
import {
  attacker,
  CLAIMS,
  constantSignature,
  eddsa,
  es256,
  forge,
  hmacWith,
  NOW,
  part,
  ps256,
  rs256,
  signWith,
} from '../fixture.ts'
import { claims, group, header, type Threat } from './threat.ts'

const good = forge()
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.')
const nothing = constantSignature(Buffer.alloc(0))
const spki = es256.publicKey.export({ type: 'spki', format: 'pem' })
const der = es256.publicKey.export({ type: 'spki', format: 'der' })
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

const algorithms = group(1, [
  ...['none', 'None', 'nOnE', 'NONE', '', 'HS256', 'es256', 'ES256 ', 'ES384', 'ed25519', 'Ed448', '__proto__'].map(
    (alg) => [`alg \`${alg}\``, header({ alg }), 'ERR_TOKEN_ALGORITHM'] as const,
  ),
  ['alg none and no signature', forge({ header: { alg: 'none' }, signer: nothing }), 'ERR_TOKEN_PARTS'],
  [
    'alg none, one byte as signature',
    forge({ header: { alg: 'none' }, signer: constantSignature(Buffer.alloc(1)) }),
    'ERR_TOKEN_ALGORITHM',
  ],
  ['alg absent', header({ alg: undefined }), 'ERR_TOKEN_ALGORITHM'],
  ['alg null', header({ alg: null }), 'ERR_TOKEN_ALGORITHM'],
  ['alg a number', header({ alg: 256 }), 'ERR_TOKEN_ALGORITHM'],
  ['alg an array', header({ alg: ['ES256'] }), 'ERR_TOKEN_ALGORITHM'],
  ['alg an object', header({ alg: { toString: 'ES256' } }), 'ERR_TOKEN_ALGORITHM'],
  ['alg very long', header({ alg: 'E'.repeat(5000) }), 'ERR_TOKEN_ALGORITHM'],
])

const confusion = group(2, [
  ['HMAC with our PEM', forge({ header: { alg: 'HS256' }, signer: hmacWith(spki) }), 'ERR_TOKEN_ALGORITHM'],
  ['HMAC with our DER', forge({ header: { alg: 'HS256' }, signer: hmacWith(der) }), 'ERR_TOKEN_ALGORITHM'],
  [
    'HMAC with our JWK',
    forge({ header: { alg: 'HS256' }, signer: hmacWith(JSON.stringify(publicJwk(es256))) }),
    'ERR_TOKEN_ALGORITHM',
  ],
  ['HMAC with our PEM under ES256', forge({ signer: hmacWith(spki) }), 'ERR_TOKEN_SIGNATURE_FORM'],
  [
    'HMAC with our RSA modulus',
    forge({ header: { alg: 'HS256', kid: 'rs-1' }, signer: hmacWith(String(publicJwk(rs256)['n'])) }),
    'ERR_TOKEN_ALGORITHM',
  ],
  ['HMAC with nothing', forge({ header: { alg: 'HS256' }, signer: hmacWith('') }), 'ERR_TOKEN_ALGORITHM'],
])

const wrongAlgorithm = group(3, [
  ['ES384 over an ES256 key', header({ alg: 'ES384' }), 'ERR_TOKEN_ALGORITHM'],
  [
    'PS256 with an RS256 key, truly signed so',
    forge({ header: { alg: 'PS256', kid: 'rs-1' }, signer: pss }),
    'ERR_TOKEN_KEY_ALGORITHM',
  ],
  [
    'RS256 with a PS256 key, truly signed so',
    forge({ header: { alg: 'RS256', kid: 'ps-1' }, signer: pkcs1 }),
    'ERR_TOKEN_KEY_ALGORITHM',
  ],
  ['EdDSA with an ES256 key', header({ alg: 'EdDSA' }), 'ERR_TOKEN_KEY_ALGORITHM'],
  ['Ed25519, the newer name of EdDSA, with an ES256 key', header({ alg: 'Ed25519' }), 'ERR_TOKEN_KEY_ALGORITHM'],
  ['Ed25519 rightly', forge({ header: { alg: 'Ed25519', kid: 'ed-1' }, signer: signWith(eddsa) }), 'accepted'],
  ['ES256 with an Ed25519 key', header({ kid: 'ed-1' }), 'ERR_TOKEN_KEY_ALGORITHM'],
  ['RS256 rightly', forge({ header: { alg: 'RS256', kid: 'rs-1' }, signer: signWith(rs256) }), 'accepted'],
  ['PS256 rightly', forge({ header: { alg: 'PS256', kid: 'ps-1' }, signer: signWith(ps256) }), 'accepted'],
])

function pss(input: string): Buffer {
  const { privateKey: key } = rs256
  return sign('sha256', Buffer.from(input), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
}

function pkcs1(input: string): Buffer {
  return sign('sha256', Buffer.from(input), { key: ps256.privateKey, padding: constants.RSA_PKCS1_PADDING })
}

const evil = { signer: signWith(attacker) }
const ownKeys = group(4, [
  ['jwk of the attacker', forge({ ...evil, header: { jwk: publicJwk(attacker) } }), 'ERR_TOKEN_SIGNATURE'],
  [
    'jwk and kid of the attacker',
    forge({ ...evil, header: { kid: 'evil-1', jwk: publicJwk(attacker) } }),
    'ERR_TOKEN_KEY_UNKNOWN',
  ],
  [
    'jku of the attacker',
    forge({ ...evil, header: { kid: 'evil-1', jku: 'https://evil.example/jwks' } }),
    'ERR_TOKEN_KEY_UNKNOWN',
  ],
  [
    'x5u of the attacker',
    forge({ ...evil, header: { kid: 'evil-1', x5u: 'http://169.254.169.254/' } }),
    'ERR_TOKEN_KEY_UNKNOWN',
  ],
  ['x5c of the attacker', forge({ ...evil, header: { x5c: ['MIIB'] } }), 'ERR_TOKEN_SIGNATURE'],
  [
    'a symmetric jwk',
    forge({ header: { alg: 'HS256', jwk: { kty: 'oct', k: 'AA' } }, signer: hmacWith('\0') }),
    'ERR_TOKEN_ALGORITHM',
  ],
  ['jku beside a true signature is not followed', header({ jku: 'https://evil.example/jwks' }), 'accepted'],
])

const kids = group(5, [
  ['missing', header({ kid: undefined }), 'ERR_TOKEN_KID'],
  ['empty', header({ kid: '' }), 'ERR_TOKEN_KID'],
  ['a number', header({ kid: 1 }), 'ERR_TOKEN_KID'],
  ['an array of the right one', header({ kid: ['es-1'] }), 'ERR_TOKEN_KID'],
  ['unknown', header({ kid: 'es-2' }), 'ERR_TOKEN_KEY_UNKNOWN'],
  ['a longer one that begins right', header({ kid: 'es-1 ' }), 'ERR_TOKEN_KEY_UNKNOWN'],
  ['1 MB', header({ kid: 'k'.repeat(1_000_000) }), 'ERR_TOKEN_SIZE'],
  ['300 characters', header({ kid: 'k'.repeat(300) }), 'ERR_TOKEN_KID'],
  ['a path', header({ kid: '../../../../dev/null' }), 'ERR_TOKEN_KEY_UNKNOWN'],
  ['SQL', header({ kid: "' OR 1=1 --" }), 'ERR_TOKEN_KEY_UNKNOWN'],
  ['a command', header({ kid: '$(touch /tmp/x)' }), 'ERR_TOKEN_KEY_UNKNOWN'],
  ['`__proto__`', header({ kid: '__proto__' }), 'ERR_TOKEN_KEY_UNKNOWN'],
  ['`constructor`', header({ kid: 'constructor' }), 'ERR_TOKEN_KEY_UNKNOWN'],
  ['with NUL', header({ kid: 'es-1\0' }), 'ERR_TOKEN_KID'],
  ['with a line break', header({ kid: 'es-1\r\nx: y' }), 'ERR_TOKEN_KID'],
])

const critical = group(7, [
  ['unknown', header({ crit: ['http://example.com/x'] }), 'ERR_TOKEN_CRITICAL'],
  ['empty', header({ crit: [] }), 'ERR_TOKEN_CRITICAL'],
  ['no array', header({ crit: 'exp' }), 'ERR_TOKEN_CRITICAL'],
  ['naming exp', header({ crit: ['exp'], exp: NOW + 100 }), 'ERR_TOKEN_CRITICAL'],
  ['null', header({ crit: null }), 'ERR_TOKEN_CRITICAL'],
  ['b64 false, named', header({ crit: ['b64'], b64: false }), 'ERR_TOKEN_CRITICAL'],
  ['b64 false, unnamed', header({ b64: false }), 'ERR_TOKEN_CRITICAL'],
  ['b64 true', header({ b64: true }), 'ERR_TOKEN_CRITICAL'],
])

/** Every other kind of JWT that has a type of its own. */
export const OTHER_TYPES: readonly string[] = [
  'JWT',
  'logout+jwt',
  'secevent+jwt',
  'dpop+jwt',
  'token-introspection+jwt',
  'txntoken+jwt',
  'statuslist+jwt',
  'oauth-id-jag+jwt',
  'cardea-bundle+jws',
  'client-authentication+jwt',
  'entity-statement+jwt',
]
const otherKinds = group(
  8,
  OTHER_TYPES.map((typ) => [`\`${typ}\` as an access token`, header({ typ }), 'ERR_TOKEN_TYPE']),
)

const types = group(9, [
  ['`at+jwt`', header({ typ: 'at+jwt' }), 'accepted'],
  ['`application/at+jwt`, the other spelling of RFC 9068', header({ typ: 'application/at+jwt' }), 'accepted'],
  ['`AT+JWT`', header({ typ: 'AT+JWT' }), 'ERR_TOKEN_TYPE'],
  ['`application/application/at+jwt`', header({ typ: 'application/application/at+jwt' }), 'ERR_TOKEN_TYPE'],
  ['`at+jwt; v=1`', header({ typ: 'at+jwt; v=1' }), 'ERR_TOKEN_TYPE'],
  ['missing', header({ typ: undefined }), 'ERR_TOKEN_TYPE'],
  ['null', header({ typ: null }), 'ERR_TOKEN_TYPE'],
  ['an array', header({ typ: ['at+jwt'] }), 'ERR_TOKEN_TYPE'],
  ['`at+jwt ` with a blank', header({ typ: 'at+jwt ' }), 'ERR_TOKEN_TYPE'],
])

const spellings = group(10, [
  ['the mirror signature, which is another spelling of the same token', mirrored(good), 'accepted'],
  [
    'unused bits in the signature',
    `${goodHeader}.${goodPayload}.${withUnusedBits(goodSignature)}`,
    'ERR_TOKEN_ENCODING',
  ],
  ...[' ', '\n', '\r', '\t', '\u00A0', '=', '==', '\0', '%', '+', '/', 'é', '\u2028'].flatMap((extra) => {
    const name = JSON.stringify(extra)
    return [
      [`${name} at the end`, good + extra, 'ERR_TOKEN_ENCODING'],
      [`${name} at the start`, extra + good, 'ERR_TOKEN_ENCODING'],
      [
        `${name} in the payload`,
        `${goodHeader}.${goodPayload.slice(0, 8)}${extra}${goodPayload.slice(8)}.${goodSignature}`,
        'ERR_TOKEN_ENCODING',
      ],
      [`${name} before the last dot`, `${goodHeader}.${goodPayload}${extra}.${goodSignature}`, 'ERR_TOKEN_ENCODING'],
    ] as const
  }),
  [
    'the other base64 alphabet',
    good.replaceAll('-', '+').replaceAll('_', '/'),
    /[-_]/.test(good) ? 'ERR_TOKEN_ENCODING' : 'accepted',
  ],
])

const serializations = group(11, [
  [
    'flattened JSON',
    JSON.stringify({ protected: goodHeader, payload: goodPayload, signature: goodSignature }),
    'ERR_TOKEN_PARTS',
  ],
  [
    'general JSON',
    JSON.stringify({ payload: goodPayload, signatures: [{ protected: goodHeader, signature: goodSignature }] }),
    'ERR_TOKEN_PARTS',
  ],
  ['an encrypted token', `${part({ alg: 'ECDH-ES', enc: 'A256GCM' })}.AA.AA.AA.AA`, 'ERR_TOKEN_PARTS'],
  ['a JWE header in three parts', header({ enc: 'A256GCM' }), 'ERR_TOKEN_HEADER'],
  ['a nested token', forge({ header: { cty: 'JWT' }, payload: good }), 'ERR_TOKEN_HEADER'],
  ['a nested token that does not say so', forge({ payload: good }), 'ERR_TOKEN_JSON'],
  ['five parts', `${good}.AA.AA`, 'ERR_TOKEN_PARTS'],
  ['four parts', `${good}.AA`, 'ERR_TOKEN_PARTS'],
  ['a dot at the end', `${good}.`, 'ERR_TOKEN_PARTS'],
  ['a dot at the start', `.${good}`, 'ERR_TOKEN_PARTS'],
  ['two dots only', '..', 'ERR_TOKEN_PARTS'],
  ['two parts', `${goodHeader}.${goodPayload}`, 'ERR_TOKEN_PARTS'],
  ['no header', `.${goodPayload}.${goodSignature}`, 'ERR_TOKEN_PARTS'],
  ['no payload', `${goodHeader}..${goodSignature}`, 'ERR_TOKEN_PARTS'],
  ['detached payload, signed', forge({ payload: '' }), 'ERR_TOKEN_PARTS'],
  ['no signature', `${goodHeader}.${goodPayload}.`, 'ERR_TOKEN_PARTS'],
  ['nothing', '', 'ERR_TOKEN_TEXT'],
  ['compressed', header({ zip: 'DEF' }), 'ERR_TOKEN_HEADER'],
])

const one = Buffer.from(`${'00'.repeat(31)}01`, 'hex')
const zero = Buffer.alloc(32)
const order = Buffer.from(P256_ORDER.toString(16), 'hex')
const goodBytes = Buffer.from(goodSignature, 'base64url')
const withSignature = (bytes: Buffer): string => `${goodHeader}.${goodPayload}.${bytes.toString('base64url')}`
const rsa = (bytes: Buffer): string =>
  forge({ header: { alg: 'RS256', kid: 'rs-1' }, signer: constantSignature(bytes) })

const signatures = group(16, [
  ['r = s = 0', withSignature(Buffer.concat([zero, zero])), 'ERR_TOKEN_SIGNATURE_FORM'],
  ['r = 0', withSignature(Buffer.concat([zero, one])), 'ERR_TOKEN_SIGNATURE_FORM'],
  ['s = 0', withSignature(Buffer.concat([one, zero])), 'ERR_TOKEN_SIGNATURE_FORM'],
  ['r = n', withSignature(Buffer.concat([order, one])), 'ERR_TOKEN_SIGNATURE_FORM'],
  ['s = n', withSignature(Buffer.concat([one, order])), 'ERR_TOKEN_SIGNATURE_FORM'],
  ['r = s = 1', withSignature(Buffer.concat([one, one])), 'ERR_TOKEN_SIGNATURE'],
  ['cut by a byte', withSignature(goodBytes.subarray(0, 63)), 'ERR_TOKEN_SIGNATURE_FORM'],
  ['a byte more', withSignature(Buffer.concat([goodBytes, Buffer.alloc(1)])), 'ERR_TOKEN_SIGNATURE_FORM'],
  [
    'DER instead of raw',
    forge({ signer: (input) => sign('sha256', Buffer.from(input), es256.privateKey) }),
    'ERR_TOKEN_SIGNATURE_FORM',
  ],
  ['by another key', forge({ signer: signWith(attacker) }), 'ERR_TOKEN_SIGNATURE'],
  ['RSA all zero', rsa(Buffer.alloc(256)), 'ERR_TOKEN_SIGNATURE'],
  ['RSA one', rsa(Buffer.concat([Buffer.alloc(255), Buffer.from([1])])), 'ERR_TOKEN_SIGNATURE'],
  ['RSA all ones', rsa(Buffer.alloc(256, 0xff)), 'ERR_TOKEN_SIGNATURE'],
  ['RSA of 255 bytes', rsa(Buffer.alloc(255, 1)), 'ERR_TOKEN_SIGNATURE_FORM'],
  [
    'the same over other claims',
    `${goodHeader}.${part({ ...CLAIMS, sub: 'root' })}.${goodSignature}`,
    'ERR_TOKEN_SIGNATURE',
  ],
  ['the private key in the claims harms nobody but its owner', claims({ key: exportSigningKey(attacker) }), 'accepted'],
])

export const ENVELOPE_THREATS: readonly Threat[] = [
  ...algorithms,
  ...confusion,
  ...wrongAlgorithm,
  ...ownKeys,
  ...kids,
  ...critical,
  ...otherKinds,
  ...types,
  ...spellings,
  ...serializations,
  ...signatures,
]

/** The mirror of an ECDSA signature (r, n - s), which is as valid as the first. */
function mirrored(token: string): string {
  const [head = '', body = '', signature = ''] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = P256_ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  const mirror = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
  return `${head}.${body}.${mirror.toString('base64url')}`
}

/** The last character of a part with its unused bits set: the same bytes for a lenient decoder. */
function withUnusedBits(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = text.at(-1) ?? ''
  return text.slice(0, -1) + alphabet[alphabet.indexOf(last) + 1]
}
