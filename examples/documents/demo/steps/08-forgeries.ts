// Tokens that nobody issued.

import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { callerFor } from '../caller.ts'
import { jsonOf, send } from '../http.ts'
import type { Step } from '../step.ts'
import { ANOTHER_AUDIENCE } from '../world.ts'

type Json = Readonly<Record<string, unknown>>

export const forgeries: Step = {
  title: 'Forgeries',
  async run(world, show) {
    const ann = await callerFor(world, 'ann')
    const [head = '', body = '', signature = ''] = ann.token.split('.')
    const header = decode(head)
    const claims = decode(body)
    const jwks = await send({ method: 'GET', url: `${world.authority.url}/jwks` })
    const pem = pemOf((jsonOf(jwks) as { keys: object[] }).keys[0] ?? {})
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const forged = (changed: Json, otherHeader: Json = header): string => {
      const input = `${encode(otherHeader)}.${encode(changed)}`
      return `${input}.${sign('sha256', Buffer.from(input), { key: stranger, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    }
    const hmacInput = `${encode({ ...header, alg: 'HS256' })}.${body}`
    const cases: readonly (readonly [string, string])[] = [
      ['alg: none', `${encode({ ...header, alg: 'none' })}.${body}.`],
      [
        'HS256 with the public key as secret',
        `${hmacInput}.${createHmac('sha256', pem).update(hmacInput).digest('base64url')}`,
      ],
      ['a changed claim, the old signature', `${head}.${encode({ ...claims, sub: 'carol' })}.${signature}`],
      ['a changed claim, signed by a stranger', forged({ ...claims, sub: 'carol' })],
      [
        "the stranger's key in the header",
        forged(claims, { ...header, jwk: createPublicKey(stranger).export({ format: 'jwk' }) }),
      ],
      ['a second spelling: a space at the end', `${ann.token}%20`],
      ['a second spelling: padding', `${head}.${body}.${signature}=`],
      ['a second spelling: other unused bits', otherSpelling(ann.token)],
    ]
    for (const [what, token] of cases) {
      show.answer(what, await ann.request('GET', '/documents/diary', { token }), 401, 'invalid_token')
    }
    const { token: other } = await callerFor(world, 'ann', { audience: ANOTHER_AUDIENCE })
    const elsewhere = await ann.request('GET', '/documents/diary', { token: other })
    show.answer('a real token, for another audience', elsewhere, 401, 'invalid_token')
    const expired = await ann.request('GET', '/documents/diary', { service: 'late' })
    show.answer('the real one, ten minutes later', expired, 401, 'expired')
    show.answer('the real one, now', await ann.request('GET', '/documents/diary'), 200)
  },
}

function pemOf(jwk: object): string | Buffer {
  return createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
}

/** The same signature bytes: the last character of 64 bytes in base64url has four unused bits. */
function otherSpelling(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.at(-1) ?? 'A')
  return token.slice(0, -1) + (alphabet[last ^ 1] ?? 'A')
}

function encode(value: Json): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(part: string): Json {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Json
}
