// The file of a break-glass statement as a guard looks at it: every second, verified anew, refused for any fault, loud when it counts.

import { type BreakGlass, FeedError, signBreakGlass } from '@cardea/feed'
import { createLocalKeys, createVerifier, generateSigningKey, publicJwk, type SigningKey } from '@cardea/token'
import { beforeEach, describe, expect, test } from 'vitest'
import type { LogFields } from '../../src/index.ts'
import { createOperatorLog } from '../../src/operator-log.ts'
import { type BreakGlassWatch, createBreakGlassWatch } from '../../src/source/break-glass.ts'
import { ANN, AUDIENCE, ISSUER, JWKS, NOW, tokenFor } from '../support/world.ts'

const key = await generateSigningKey('ES256')
const stranger = await generateSigningKey('ES256', { kid: key.kid })
const keys = createLocalKeys({ keys: [publicJwk(key)] })

const sign = (changes: Partial<BreakGlass> = {}, signer: SigningKey = key): Promise<string> =>
  signBreakGlass(
    {
      jti: 'glass-1',
      iss: ISSUER,
      aud: AUDIENCE,
      epoch: 'e1',
      iat: NOW,
      exp: NOW + 600,
      maxStaleSeconds: 3600,
      killed: [],
      ...changes,
    },
    signer,
  )

interface Line {
  readonly level: string
  readonly fields: LogFields
}

let file: () => string | undefined
let now: number
let epoch: string
let lines: Line[]
let timers: { readonly delay: number; readonly callback: () => void }[]
let watch: BreakGlassWatch
beforeEach(() => {
  file = () => undefined
  now = NOW + 1
  epoch = 'e1'
  lines = []
  timers = []
  const write =
    (level: string) =>
    (_message: string, fields: LogFields = {}): void =>
      void lines.push({ level, fields })
  const log = { info: write('info'), warn: write('warn'), error: write('error') }
  watch = createBreakGlassWatch({
    load: () => file(),
    keys,
    place: () => ({ issuer: ISSUER, audience: AUDIENCE, client: 'documents', epoch, nowSeconds: now }),
    schedule(delay, callback) {
      const timer = { delay, callback }
      timers.push(timer)
      return () => (timers = timers.filter((one) => one !== timer))
    },
    log,
    operator: createOperatorLog({ log, now: () => now, ageSeconds: () => 0 }),
  })
})

async function put(text: string | undefined): Promise<void> {
  file = () => text
  await watch.look()
}

describe('a statement in the file', () => {
  test('counts from the next look on until its end, and both are errors in the log', async () => {
    await watch.look()
    expect(watch.covering()).toBeUndefined()
    await put(await sign({ actions: ['view'] }))
    expect(watch.covering('view')?.jti).toBe('glass-1')
    expect(watch.covering()?.jti).toBe('glass-1')
    expect(watch.covering('edit')).toBeUndefined()
    const until = new Date((NOW + 600) * 1000).toISOString()
    const begun = { breakGlass: 'glass-1', until, maxStaleSeconds: 3600, actions: ['view'] }
    expect(lines).toEqual([{ level: 'error', fields: begun }])
    await watch.look()
    expect(lines).toHaveLength(1)
    now = NOW + 600
    // before anybody has looked again
    expect(watch.covering('view')).toBeUndefined()
    await watch.look()
    expect(lines.slice(1)).toMatchObject([
      { level: 'warn', fields: { code: 'ERR_FEED_BREAK_GLASS_EXPIRED' } },
      { level: 'error', fields: { breakGlass: 'glass-1' } },
    ])
  })

  test('ends when the file goes, when the log begins a new epoch, and when the guard closes', async () => {
    await put(await sign())
    epoch = 'e2'
    expect(watch.covering()).toBeUndefined()
    epoch = 'e1'
    expect(watch.covering()?.jti).toBe('glass-1')
    await put(undefined)
    expect(watch.covering()).toBeUndefined()
    await put(await sign())
    watch.close()
    expect(watch.covering()).toBeUndefined()
    expect(timers).toEqual([])
  })

  test('gives way to another one, each said', async () => {
    await put(await sign())
    await put(await sign({ jti: 'glass-2', maxStaleSeconds: 60 }))
    expect(watch.covering()).toMatchObject({ jti: 'glass-2', maxStaleSeconds: 60 })
    expect(lines.map(({ fields }) => fields['breakGlass'])).toEqual(['glass-1', 'glass-1', 'glass-2'])
  })

  test('tells who listens, when something changes and at no other time', async () => {
    let heard = 0
    const unsubscribe = watch.subscribe(() => (heard += 1))
    await put(await sign())
    await watch.look()
    expect(heard).toBe(1)
    await put(undefined)
    expect(heard).toBe(2)
    unsubscribe()
    await put(await sign())
    expect(heard).toBe(2)
  })

  test('is looked at every second by one timer', async () => {
    await watch.look()
    const text = await sign()
    file = () => text
    expect(timers.map(({ delay }) => delay)).toEqual([1000])
    timers[0]?.callback()
    await expect.poll(() => watch.covering()?.jti).toBe('glass-1')
    expect(timers).toHaveLength(1)
  })
})

describe('a statement is refused and opens nothing', () => {
  const thrown = (error: Error) => () => {
    throw error
  }
  const refused: readonly [string, () => Promise<() => string | undefined>, string][] = [
    ['in no safe file', async () => thrown(new FeedError('ERR_FEED_BREAK_GLASS_FILE')), 'FILE'],
    ['that is empty', async () => () => '', 'SIGNATURE'],
    ['of a stranger', async () => always(await sign({}, stranger)), 'SIGNATURE'],
    ['that is cut', async () => always((await sign()).slice(0, -9)), 'SIGNATURE'],
    ['of another authority', async () => always(await sign({ iss: 'https://other.example' })), 'FOREIGN'],
    ['for another audience', async () => always(await sign({ aud: 'https://mail.example' })), 'FOREIGN'],
    ['for other guards', async () => always(await sign({ clients: ['mail'] })), 'FOREIGN'],
    ['of another epoch', async () => always(await sign({ epoch: 'e0' })), 'EPOCH'],
    ['that has ended', async () => always(await sign({ iat: NOW - 600, exp: NOW })), 'EXPIRED'],
    ['from the future', async () => always(await sign({ iat: NOW + 90 })), 'AHEAD'],
    ['that cannot be read for any other reason', async () => thrown(new TypeError('a bug')), 'SIGNATURE'],
  ]
  const always = (text: string) => (): string => text
  test.each(refused)('%s', async (_name, make, code) => {
    await put(await sign())
    file = await make()
    await watch.look()
    expect(watch.covering()).toBeUndefined()
    const warnings = (): readonly Line[] => lines.filter(({ level }) => level === 'warn')
    expect(warnings()).toMatchObject([{ fields: { code: `ERR_FEED_BREAK_GLASS_${code}` } }])
    now += 59
    await watch.look()
    expect(warnings()).toHaveLength(1)
    now += 2
    await watch.look()
    expect(warnings()).toHaveLength(2)
    expect(JSON.stringify(lines)).not.toContain('eyJ')
  })

  test('one from the future counts when its time has come', async () => {
    await put(await sign({ iat: NOW + 60 }))
    now = NOW + 60
    await watch.look()
    expect(watch.covering()?.jti).toBe('glass-1')
  })
})

describe('a killed key', () => {
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys: createLocalKeys(JWKS), now: () => NOW })
  const ancestor = { iss: ISSUER, jti: 'j', kid: 'ancestor', client_id: 'web' }
  const verified = async (claims = {}) => verifier.verify(await tokenFor(ANN, claims))

  test('is told of a token that it signed, and of one that came of such a token', async () => {
    const token = await verified()
    const derived = await verified({ derived_from: [ancestor] })
    expect([watch.isKilled(token), watch.isKilled(derived)]).toEqual([false, false])
    await put(await sign({ killed: ['ancestor'] }))
    expect([watch.isKilled(token), watch.isKilled(derived)]).toEqual([false, true])
    await put(await sign({ jti: 'glass-2', killed: [token.keyId] }))
    expect(watch.isKilled(token)).toBe(true)
  })

  test('stays killed when the statement ends', async () => {
    const token = await verified()
    await put(await sign({ killed: [token.keyId] }))
    await put(undefined)
    expect(watch.isKilled(token)).toBe(true)
  })

  test('is not believed of a statement that is refused', async () => {
    const token = await verified()
    await put(await sign({ killed: [token.keyId] }, stranger))
    await put(await sign({ killed: [token.keyId], iss: 'https://other.example' }))
    expect(watch.isKilled(token)).toBe(false)
  })
})
