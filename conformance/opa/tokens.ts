// Tokens for the questions: real ones, and such as only a mad issuer or a forger would make.

import { entityUid } from '@cardea/policy'
import { generateSigningKey, type SigningKey } from '@cardea/token'
import { ANN, BOB, KEY, type Person, tokenFor } from '../../packages/guard/test/support/world.ts'

export const PLACE = { epoch: 'e1', seq: 50 }
export const THUMBPRINT = 'A'.repeat(43)
export const OTHER_KEY = await generateSigningKey('ES256')
export const GRANT = { template: 'viewer', resource: entityUid('Document', 'memo') }
export const UUID = '0199eebf-bbdc-4efa-8dde-00ff80c1aa55'

export const own = (person: Person, claims: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  tokenFor(person, { ...PLACE, sid: 's1', ...claims })
export const part = (text: string, index: number, change: (json: Record<string, unknown>) => unknown): string =>
  text
    .split('.')
    .map((each, place) =>
      place === index
        ? Buffer.from(JSON.stringify(change(JSON.parse(Buffer.from(each, 'base64url').toString())))).toString(
            'base64url',
          )
        : each,
    )
    .join('.')

/** A token as a mad issuer would sign it: whatever header, whatever claims. */
export async function signed(change: {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  readonly key?: SigningKey
}): Promise<string> {
  const [, payload = ''] = (await own(ANN)).split('.')
  const key = change.key ?? KEY
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const base = { alg: key.algorithm, kid: key.kid, typ: 'at+jwt' }
  const parts = [
    { ...base, ...change.header },
    { ...(claims as object), ...change.claims },
  ]
  const input = parts.map((json) => Buffer.from(JSON.stringify(json)).toString('base64url')).join('.')
  return `${input}.${Buffer.from(await key.sign(Buffer.from(input))).toString('base64url')}`
}

/** The same bytes in another spelling: the unused bits of the last character are set. */
export function respelled(text: string, index: number): string {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const parts = text.split('.')
  const last = parts[index] ?? ''
  parts[index] = last.slice(0, -1) + (ALPHABET[ALPHABET.indexOf(last.at(-1) ?? '') + 1] ?? '')
  return parts.join('.')
}

export const ann = await own(ANN)
export const withGrant = await own({ ...BOB, id: 'carl', grants: [GRANT] })
export const bound = await own(ANN, { cnf: { jkt: THUMBPRINT } })
export const outside = await own(ANN, { net: ['192.0.2.0/24'] })
