// Break-glass statements: what is signed is what is opened, and everything else is refused.

import { signJws } from '@cardea/token'
import { describe, expect, test } from 'vitest'
import { type BreakGlass, decodeBreakGlass, openBreakGlass, signBreakGlass, signCheckpoint } from '../../src/index.ts'
import { bundleKey, bundleKeys, codeOf, strangerKey, tokenKey } from '../fixture.ts'
import { statementOf } from './statement.ts'

const TYPE = 'cardea-break-glass+jws'
const SIGNATURE = 'ERR_FEED_BREAK_GLASS_SIGNATURE'
const FORMAT = 'ERR_FEED_BREAK_GLASS_FORMAT'

describe('a statement', () => {
  const whole: readonly [string, BreakGlass][] = [
    ['for everything', statementOf()],
    ['for some actions and guards', statementOf({ actions: ['view', 'Docs::edit'], clients: ['documents'] })],
    ['with killed keys', statementOf({ killed: ['k1', 'k2'] })],
    ['as long as can be', statementOf({ exp: statementOf().iat + 86_400, maxStaleSeconds: 86_400 })],
  ]
  test.each(whole)('%s is opened as it was signed, and decoded to the same', async (_name, statement) => {
    const signed = await signBreakGlass(statement, bundleKey)
    expect(await openBreakGlass(signed, bundleKeys)).toEqual(statement)
    expect(decodeBreakGlass(signed)).toEqual(statement)
    expect(signed).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
  })

  const malformed: readonly [string, object][] = [
    ['no id', { jti: undefined }],
    ['an empty id', { jti: '' }],
    ['an id with a line break', { jti: 'a\nb' }],
    ['an endless id', { jti: 'a'.repeat(301) }],
    ['a list of audiences', { aud: ['https://documents.example'] }],
    ['no issuer', { iss: undefined }],
    ['no epoch', { epoch: undefined }],
    ['an end at its beginning', { exp: statementOf().iat }],
    ['an end before its beginning', { exp: statementOf().iat - 1 }],
    ['a life of more than a day', { exp: statementOf().iat + 86_401 }],
    ['a fraction of a second', { iat: statementOf().iat + 0.5 }],
    ['a time as text', { exp: String(statementOf().exp) }],
    ['no bound', { maxStaleSeconds: undefined }],
    ['a bound of nothing', { maxStaleSeconds: 0 }],
    ['a bound below nothing', { maxStaleSeconds: -1 }],
    ['a bound of more than a day', { maxStaleSeconds: 86_401 }],
    ['an empty list of actions', { actions: [] }],
    ['one action without a list', { actions: 'view' }],
    ['an action that is no text', { actions: [1] }],
    ['`null` for all actions', { actions: null }],
    ['an empty list of guards', { clients: [] }],
    ['no list of killed keys', { killed: undefined }],
    ['a killed key that is no text', { killed: [null] }],
    ['more killed keys than it can hold', { killed: Array.from({ length: 501 }, (_, n) => `k${n}`) }],
    ['a member of a later release', { tenants: ['acme'] }],
  ]
  test.each(malformed)('with %s is neither signed nor opened', async (_name, changes) => {
    const wrong = { ...statementOf(), ...changes }
    expect(await codeOf(() => signBreakGlass(wrong as BreakGlass, bundleKey))).toBe(FORMAT)
    const signed = await signJws(JSON.parse(JSON.stringify(wrong)), bundleKey, { type: TYPE })
    expect(await codeOf(() => openBreakGlass(signed, bundleKeys))).toBe(FORMAT)
    expect(await codeOf(() => decodeBreakGlass(signed))).toBe(FORMAT)
  })

  test('that says a thing twice is refused, whichever one would be read', async () => {
    const text = JSON.stringify(statementOf())
    const twice = `${text.slice(0, -1)},"maxStaleSeconds":1}`
    const signed = await signJws(Buffer.from(twice), bundleKey, { type: TYPE })
    expect(await codeOf(() => openBreakGlass(signed, bundleKeys))).toBe(FORMAT)
  })

  test.each([
    ['no object', '[]'],
    ['no JSON', 'soon'],
    ['nested deeper than it may', JSON.stringify({ ...statementOf(), killed: [['k1']] })],
  ])('that is %s is refused', async (_name, text) => {
    const signed = await signJws(Buffer.from(text), bundleKey, { type: TYPE })
    expect(await codeOf(() => openBreakGlass(signed, bundleKeys))).toBe(FORMAT)
  })
})

describe('a signature', () => {
  const type = (name: string) => signJws({ ...statementOf() }, bundleKey, { type: name })
  const wrong: readonly [string, () => Promise<string>][] = [
    ['of a stranger under the same key id', () => signBreakGlass(statementOf(), strangerKey)],
    ['of a key of tokens', () => signBreakGlass(statementOf(), tokenKey)],
    ['over another kind: a bundle', () => type('cardea-bundle+jws')],
    ['over another kind: a token', () => type('at+jwt')],
    ['over another kind: in other letters', () => type('Cardea-Break-Glass+jws')],
    [
      'over a checkpoint',
      () => signCheckpoint({ issuer: 'https://a.example', count: 1, hash: 'h', atSeconds: 1 }, bundleKey),
    ],
    ['that was cut', async () => (await signBreakGlass(statementOf(), bundleKey)).slice(0, -4)],
    ['that is not there', async () => (await signBreakGlass(statementOf(), bundleKey)).split('.', 2).join('.')],
    ['over nothing', () => Promise.resolve('')],
    ['over more than it can hold', () => Promise.resolve('a'.repeat(65_537))],
  ]
  test.each(wrong)('%s is refused', async (_name, make) => {
    const signed = await make()
    expect(await codeOf(() => openBreakGlass(signed, bundleKeys))).toBe(SIGNATURE)
  })

  test('holds for no other text: any changed character is refused', async () => {
    const signed = await signBreakGlass(statementOf(), bundleKey)
    for (let at = 0; at < signed.length; at += 7) {
      const other = signed[at] === 'A' ? 'B' : 'A'
      const changed = `${signed.slice(0, at)}${other}${signed.slice(at + 1)}`
      expect([at, await codeOf(() => openBreakGlass(changed, bundleKeys))]).toEqual([at, SIGNATURE])
    }
  })
})
