import { createLocalKeys, publicJwk, signJws } from '@cardea/token'
import { assert, asyncProperty, integer } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BundleContent, bundleDigest, openBundle, type OpenBundleOptions, signBundle } from '../../src/index.ts'
import { bundleKey, bundleKeys, codeOf, contentOf, NOON, plan, strangerKey } from '../fixture.ts'

const options: OpenBundleOptions = { keys: bundleKeys, minimumRevision: 0, now: () => NOON }
const signed = await signBundle(contentOf(), bundleKey)

test('what was signed is opened, compiled, and carries its own rule for errors', async () => {
  const bundle = await openBundle(signed, options)
  expect(bundle.content).toEqual(contentOf())
  expect(bundle.program.policies.map(({ id }) => id)).toEqual(['all'])
  expect(bundle.program.forbidErrors).toBe('deny')
  expect(bundle.schema.entityType('User')?.attributes).toEqual({ level: { type: 'Long' } })
  expect(bundle.address).toBe(bundleDigest(signed))
  const skipping = await openBundle(await signBundle(contentOf({ forbidErrors: 'skip' }), bundleKey), options)
  expect(skipping.program.forbidErrors).toBe('skip')
})

test('a bundle lasts to the second before its end', async () => {
  const { notAfterSeconds } = contentOf()
  expect(await codeOf(() => openBundle(signed, { ...options, now: () => notAfterSeconds - 1 }))).toBe('none')
  expect(await codeOf(() => openBundle(signed, { ...options, now: () => notAfterSeconds }))).toBe(
    'ERR_FEED_BUNDLE_EXPIRED',
  )
})

test('revisions never go back, and one number is one bundle', async () => {
  const open = (minimumRevision: number, knownAddress?: string): Promise<string> =>
    codeOf(() =>
      openBundle(signed, { ...options, minimumRevision, ...(knownAddress === undefined ? {} : { knownAddress }) }),
    )
  expect(await open(2)).toBe('ERR_FEED_BUNDLE_ROLLBACK')
  expect(await open(1)).toBe('none')
  expect(await open(1, bundleDigest(signed))).toBe('none')
  expect(await open(1, bundleDigest('another'))).toBe('ERR_FEED_BUNDLE_REPLACED')
  expect(await open(0, bundleDigest('another'))).toBe('none')
})

describe('the signature', () => {
  test('of a stranger with the same `kid` is refused', async () => {
    const forged = await signBundle(contentOf(), strangerKey)
    expect(await codeOf(() => openBundle(forged, options))).toBe('ERR_FEED_BUNDLE_SIGNATURE')
  })

  test('by another kind of document is refused', async () => {
    const token = await signJws(contentOf(), bundleKey, { type: 'at+jwt' })
    expect(await codeOf(() => openBundle(token, options))).toBe('ERR_FEED_BUNDLE_SIGNATURE')
  })

  test('by an algorithm that was not configured is refused', async () => {
    expect(await codeOf(() => openBundle(signed, { ...options, algorithms: ['EdDSA'] }))).toBe(
      'ERR_FEED_BUNDLE_SIGNATURE',
    )
  })

  test('by a key that left the set is refused', async () => {
    const keys = createLocalKeys({ keys: [publicJwk(bundleKey)] })
    keys.replace({ keys: [] })
    expect(await codeOf(() => openBundle(signed, { ...options, keys }))).toBe('ERR_FEED_BUNDLE_SIGNATURE')
  })

  test('is looked at before anything else', async () => {
    const forged = await signBundle(contentOf({ notAfterSeconds: 1, revision: 1 }), strangerKey)
    expect(await codeOf(() => openBundle(forged, { ...options, minimumRevision: 9 }))).toBe('ERR_FEED_BUNDLE_SIGNATURE')
  })

  test('does not outlive a change of any character', async () => {
    await assert(
      asyncProperty(integer({ min: 0, max: signed.length - 1 }), integer({ min: 1, max: 63 }), async (index, by) => {
        const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'
        const other = alphabet[(alphabet.indexOf(signed[index] ?? '') + by) % alphabet.length] ?? ''
        const changed = signed.slice(0, index) + other + signed.slice(index + 1)
        expect(await codeOf(() => openBundle(changed, options))).toBe('ERR_FEED_BUNDLE_SIGNATURE')
      }),
      { numRuns: 200 },
    )
  })
})

describe('the form', () => {
  const ROWS: Record<string, object> = {
    'another format': { ...contentOf(), format: 2 },
    'revision zero': { ...contentOf(), revision: 0 },
    'a fractional revision': { ...contentOf(), revision: 1.5 },
    'no end': { ...contentOf(), notAfterSeconds: undefined },
    'an unknown rule for errors': { ...contentOf(), forbidErrors: 'ignore' },
    'no schema': { ...contentOf(), schema: null },
    'a schema without actions': { ...contentOf(), schema: { entities: {} } },
    'policies that are no list': { ...contentOf(), policies: {} },
    'a policy without text': { ...contentOf(), policies: [{ file: 'a' }] },
    'no plans': { ...contentOf(), plans: [] },
    'a plan without a digest': { ...contentOf(), plans: [{ ...plan, digest: '' }] },
    'a plan that does not say what restricts': {
      ...contentOf(),
      plans: [{ ...plan, principals: { User: { attributes: [{ path: ['level'] }], ancestors: [] } } }],
    },
    'no digest': { ...contentOf(), digest: 7 },
    'a list': [contentOf()],
  }
  test.each(Object.entries(ROWS))('%s is refused, when signing and when opening', async (_, content) => {
    expect(await codeOf(() => signBundle(content as BundleContent, bundleKey))).toBe('ERR_FEED_BUNDLE_FORMAT')
    const anyway = await signJws(content, bundleKey, { type: 'cardea-bundle+jws' })
    expect(await codeOf(() => openBundle(anyway, options))).toBe('ERR_FEED_BUNDLE_FORMAT')
  })

  test('JSON that is read in two ways is refused', async () => {
    const twice = `{"revision":9,${JSON.stringify(contentOf()).slice(1)}`
    const anyway = await signJws(Buffer.from(twice), bundleKey, { type: 'cardea-bundle+jws' })
    expect(await codeOf(() => openBundle(anyway, options))).toBe('ERR_FEED_BUNDLE_FORMAT')
  })
})

describe('policies that mean nothing', () => {
  const policies = (...texts: string[]): Partial<BundleContent> => ({
    policies: texts.map((text, index) => ({ file: `${index}.cedar`, text })),
  })
  const ROWS: Record<string, Partial<BundleContent>> = {
    'a text that does not parse': policies('permit (principal, action, resource) when { ;'),
    'two policies with one id': policies(
      '@id("a") permit (principal, action, resource);',
      '@id("a") forbid (principal, action, resource);',
    ),
    'a schema with a type that does not exist': {
      schema: { entities: { User: { parents: ['Ghost'], attributes: {} } }, actions: {} },
    },
  }
  test.each(Object.entries(ROWS))('%s is refused whole', async (_, changes) => {
    const broken = await signBundle(contentOf(changes), bundleKey)
    expect(await codeOf(() => openBundle(broken, options))).toBe('ERR_FEED_BUNDLE_POLICY')
  })
})
