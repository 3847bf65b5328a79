import { parsePolicies } from '@cardea/policy'
import { createLocalKeys, publicJwk, signJws } from '@cardea/token'
import { assert, asyncProperty, integer } from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BUNDLE_FORMAT,
  BUNDLE_TYPE,
  type BundleParts,
  bundleDigest,
  openBundle,
  type OpenBundleOptions,
  printBundle,
  type PublishedContent,
  signBundle,
} from '../../src/index.ts'
import { AUDIENCE, bundleKey, bundleKeys, codeOf, contentOf, NOON, plan, strangerKey } from '../fixture.ts'

const options: OpenBundleOptions = { keys: bundleKeys, audience: AUDIENCE, minimumRevision: 0, now: () => NOON }
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

test('a bundle is for the guards of one audience', async () => {
  for (const audience of ['https://mail.example', `${AUDIENCE}/`, AUDIENCE.toUpperCase(), '']) {
    expect(await codeOf(() => openBundle(signed, { ...options, audience }))).toBe('ERR_FEED_BUNDLE_AUDIENCE')
  }
  const other = await signBundle(contentOf({ audience: 'https://mail.example' }), bundleKey)
  expect(await codeOf(() => openBundle(other, options))).toBe('ERR_FEED_BUNDLE_AUDIENCE')
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
  const content = contentOf()
  const ROWS: Record<string, object> = {
    'revision zero': { ...content, revision: 0 },
    'a fractional revision': { ...content, revision: 1.5 },
    'no number': { ...content, revision: undefined },
    'no end': { ...content, notAfterSeconds: undefined },
    'no audience': { ...content, audience: undefined },
    'an audience that is no text': { ...content, audience: ['https://documents.example'] },
    'an audience alone': { ...content, revision: undefined, notAfterSeconds: undefined },
    'neither number nor end nor audience': {
      ...content,
      revision: undefined,
      notAfterSeconds: undefined,
      audience: undefined,
    },
    'an unknown rule for errors': { ...content, forbidErrors: 'ignore' },
    'no schema': { ...content, schema: null },
    'a schema without actions': { ...content, schema: { entities: {} } },
    'no text of the schema': { ...content, schemaSource: undefined },
    'policies that are no list': { ...content, policies: {} },
    'a policy without text': { ...content, policies: [{ file: 'a' }] },
    'a policy with more than its text': { ...content, policies: [{ file: 'a', text: '', more: 1 }] },
    'files out of order': { ...content, policies: ['b', 'a'].map((file) => ({ file, text: '' })) },
    'a file twice': { ...content, policies: ['a', 'a'].map((file) => ({ file, text: '' })) },
    'no plans': { ...content, plans: [] },
    'a plan without a digest': { ...content, plans: [{ ...plan, digest: '' }] },
    'a plan that does not say what restricts': {
      ...content,
      plans: [{ ...plan, principals: { User: { attributes: [{ path: ['level'] }], ancestors: [] } } }],
    },
    'no digest': { ...content, digest: 7 },
    'no producer': { ...content, producer: '' },
    'no program': { ...content, program: [] },
    'a member that nobody knows': { ...content, more: 1 },
    'a list': [content],
  }
  test.each(Object.entries(ROWS))('%s is refused, when signing and when opening', async (_, changed) => {
    expect(await codeOf(() => signBundle(changed as PublishedContent, bundleKey))).toBe('ERR_FEED_BUNDLE_FORMAT')
    expect(await codeOf(async () => openBundle(await signedAnyway(changed), options))).toBe('ERR_FEED_BUNDLE_FORMAT')
  })

  const { program } = content
  const VERSIONS: Record<string, readonly [content: object, hint: RegExp]> = {
    'the format before': [{ ...content, format: 1, program: undefined }, /publish or build it again/],
    'the next format': [{ ...content, format: BUNDLE_FORMAT + 1 }, /newer release/],
    'a newer language': [{ ...content, language: 'Cedar 4.6' }, /newer release/],
    'a newer program': [{ ...content, program: { ...program, version: 2 } }, /newer release/],
    'an older program': [{ ...content, program: { ...program, version: 0 } }, /publish or build it again/],
  }
  test.each(Object.entries(VERSIONS))('%s is refused with what to do', async (_, [changed, hint]) => {
    await expect(signedAnyway(changed).then((other) => openBundle(other, options))).rejects.toMatchObject({
      code: 'ERR_FEED_BUNDLE_VERSION',
      hint: expect.stringMatching(hint),
    })
  })

  test('JSON that is read in two ways is refused', async () => {
    const twice = `{"revision":9,${printBundle(content).slice(1)}`
    expect(await codeOf(async () => openBundle(await signedText(twice), options))).toBe('ERR_FEED_BUNDLE_FORMAT')
  })
})

describe('policies that mean nothing', () => {
  const policies = (...texts: string[]): Partial<BundleParts> => ({
    policies: texts.map((text, index) => ({ file: `${index}.cedar`, text })),
  })
  const ROWS: Record<string, Partial<BundleParts>> = {
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

  test('a schema that is malformed inside is refused as such', async () => {
    const schema = { entities: { User: {} }, actions: {} } as unknown as PublishedContent['schema']
    expect(await codeOf(async () => openBundle(await signBundle(contentOf({ schema }), bundleKey), options))).toBe(
      'ERR_FEED_BUNDLE_FORMAT',
    )
  })

  test('a program that is malformed inside is refused as such', async () => {
    const { program } = contentOf()
    const changed = { ...contentOf(), program: { ...program, policies: program.policies.slice(1) } }
    expect(await codeOf(async () => openBundle(await signBundle(changed, bundleKey), options))).toBe(
      'ERR_FEED_BUNDLE_FORMAT',
    )
  })
})

test('a program that is not what the texts say is opened, because it is signed, unless the proof is asked for', async () => {
  const { policies } = parsePolicies('@id("all") permit (principal, action, resource) when { principal.level > 0 };', {
    file: 'policies.cedar',
  })
  const lying = await signBundle(contentOf({ program: policies }), bundleKey)
  expect((await openBundle(lying, options)).program.policies).toEqual(policies)
  expect(await codeOf(() => openBundle(lying, { ...options, prove: true }))).toBe('ERR_FEED_BUNDLE_TEXTS')
  expect(await codeOf(() => openBundle(signed, { ...options, prove: true }))).toBe('none')
})

function signedAnyway(content: object): Promise<string> {
  return signedText(printBundle(content as PublishedContent))
}

function signedText(text: string): Promise<string> {
  return signJws(Buffer.from(text), bundleKey, { type: BUNDLE_TYPE })
}
