// Bundles, judged by a stock OPA: what we sign it takes, and nothing else.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { generateSigningKey, type LocalSigningKey, publicJwk } from '@cardea/token'
import { unpackTar } from 'modern-tar'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { requireOpa } from '../../../../tools/opa.ts'
import { packOpaFiles } from '../../src/bundle/build-bundle.ts'
import { type OpaBundleContent, type OpaFile, opaBundleFiles } from '../../src/bundle/bundle-files.ts'
import { signOpaFiles } from '../../src/bundle/sign-files.ts'
import { opaVerificationKeys } from '../../src/bundle/verification-keys.ts'
import { buildOpaBundle } from '../../src/index.ts'

vi.setConfig({ testTimeout: 300_000 })

const SCOPE = 'cardea:policy:https://docs.example'
const MODULE = 'package app.rules\n\nallow if data.app.settings.open\n'

/** Names and texts of which every part is treated in another way by some printer of JSON. */
const TRAPS = {
  'a"b\\c': 'tab\t line\n bell\u0007 del\u007f',
  '<&>': "<script>&amp;'</script>",
  'lines\u2028and\u2029paragraphs': '\u2028\u2029',
  '\ue000': 1,
  '\u{10000}': 2,
  é: 'é',
  e: 'e',
  '': 'no name',
  ['__proto__']: 'own',
  constructor: 0,
  10: 10,
  9: 9,
  long: 9_223_372_036_854_775_807n,
  least: -9_223_372_036_854_775_808n,
  safe: Number.MAX_SAFE_INTEGER,
  zero: -0,
  nothing: null,
  list: [true, false, [], {}],
  map: new Map([['https://authority.example', new Map([['', { seq: 1 }]])]]),
}

const CONTENT: OpaBundleContent = {
  revision: '7',
  roots: ['app/settings', 'app/rules'],
  data: { app: { settings: { open: true, ...TRAPS } } },
  modules: new Map([['app/rules.rego', MODULE]]),
}

let folder: string
let key: LocalSigningKey
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cardea-bundle-'))
  key = await generateSigningKey('ES256')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Verification {
  readonly key?: LocalSigningKey
  readonly scope?: string
}

/** What OPA says of a bundle: that it takes it, or why not. */
async function judge(
  bytes: Uint8Array,
  skip: (reason: string) => never,
  { key: by = key, scope = SCOPE }: Verification = {},
): Promise<string> {
  const opa = await requireOpa(skip)
  const file = join(folder, 'bundle.tar.gz')
  await writeFile(file, bytes)
  const [{ key: pem, algorithm }] = Object.values(opaVerificationKeys({ keys: [publicJwk(by)] })) as [
    { key: string; algorithm: string },
  ]
  const keyFile = join(folder, 'key.pem')
  await writeFile(keyFile, pem)
  const verification = ['--verification-key', keyFile, '--verification-key-id', by.kid, '--signing-alg', algorithm]
  const parameters = ['build', '--bundle', file, ...verification, '--scope', scope, '--output', join(folder, 'out')]
  return promisify(execFile)(opa, parameters).then(
    () => 'taken',
    (error: { stderr: string; stdout: string }) => `${error.stdout}${error.stderr}`.trim(),
  )
}

const bytesOf = async (files: readonly OpaFile[], by = key, scope = SCOPE): Promise<Uint8Array> =>
  packOpaFiles([...files, (await signOpaFiles(files, by, scope)).file])

/** The files of a content, one of them changed after it was signed. */
async function tampered(change: (files: OpaFile[]) => void): Promise<Uint8Array> {
  const files = opaBundleFiles(CONTENT)
  const { file } = await signOpaFiles(files, key, SCOPE)
  const changed = [...files, file]
  change(changed)
  return packOpaFiles(changed)
}

describe('a bundle', () => {
  test.for(['ES256', 'RS256', 'PS256'] as const)('signed by %s is taken by OPA', async (algorithm, { skip }) => {
    const by = await generateSigningKey(algorithm)
    const { bytes } = await buildOpaBundle(CONTENT, { key: by, scope: SCOPE })
    expect(await judge(bytes, skip, { key: by })).toBe('taken')
  })

  test('says to OPA what it was made of, character by character', async ({ skip }) => {
    const opa = await requireOpa(skip)
    const file = join(folder, 'said.tar.gz')
    await writeFile(file, (await buildOpaBundle(CONTENT, { key, scope: SCOPE })).bytes)
    const { stdout } = await promisify(execFile)(opa, ['eval', '--bundle', file, 'data.app', '--format', 'raw'])
    const { settings, rules } = JSON.parse(stdout) as { settings: Record<string, unknown>; rules: unknown }
    expect(rules).toEqual({ allow: true })
    expect(stdout).toMatch(/"long": ?9223372036854775807/)
    expect(stdout).toMatch(/"least": ?-9223372036854775808/)
    const { long: _long, least: _least, map: _map, zero: _zero, ...plain } = TRAPS
    expect(settings).toMatchObject(plain)
    expect(Object.hasOwn(settings, '__proto__')).toBe(true)
    expect(settings['map']).toEqual({ 'https://authority.example': { '': { seq: 1 } } })
  })

  test('has the same bytes for the same content but for its signature, and the same digest', async () => {
    const [one, other] = [
      await buildOpaBundle(CONTENT, { key, scope: SCOPE }),
      await buildOpaBundle(CONTENT, { key, scope: SCOPE }),
    ]
    expect(one.digest).toBe(other.digest)
    expect(one.digest).toMatch(/^[\w-]{43}$/)
    const unpack = async (bytes: Uint8Array) =>
      (await unpackTar(gunzipSync(bytes))).map(({ header, data }) => ({
        ...header,
        data: Buffer.from(data ?? []).toString(),
      }))
    const [left, right] = [await unpack(one.bytes), await unpack(other.bytes)]
    expect(left.map(({ name }) => name)).toEqual(['.manifest', 'app/rules.rego', 'data.json', '.signatures.json'])
    expect(left.slice(0, 3)).toEqual(right.slice(0, 3))
    expect(left.every(({ mtime, uid, mode }) => mtime?.getTime() === 0 && uid === 0 && mode === 0o644)).toBe(true)
    expect(JSON.parse(left[0]?.data ?? '')).toEqual({
      revision: '7',
      roots: ['app/rules', 'app/settings'],
      rego_version: 1,
    })
  })

  const others: readonly [string, () => Promise<string>][] = [
    ['content', async () => (await buildOpaBundle({ ...CONTENT, revision: '8' }, { key, scope: SCOPE })).digest],
    ['scope', async () => (await buildOpaBundle(CONTENT, { key, scope: 'other' })).digest],
    [
      'key',
      async () => (await buildOpaBundle(CONTENT, { key: await generateSigningKey('ES256'), scope: SCOPE })).digest,
    ],
  ]
  test.each(others)('of another %s has another digest', async (_, digestOf) => {
    expect(await digestOf()).not.toBe((await buildOpaBundle(CONTENT, { key, scope: SCOPE })).digest)
  })

  test('has a signature whose names and hashes are those of its files', async () => {
    const files = opaBundleFiles(CONTENT)
    const { file } = await signOpaFiles(files, key, SCOPE)
    const { signatures } = JSON.parse(Buffer.from(file.bytes).toString()) as { signatures: string[] }
    const payload = JSON.parse(Buffer.from(signatures[0]?.split('.')[1] ?? '', 'base64url').toString()) as unknown
    expect(payload).toEqual({
      files: files.map(({ name, bytes }) => ({
        name,
        hash: createHash('sha256').update(bytes).digest('hex'),
        algorithm: 'SHA-256',
      })),
      scope: SCOPE,
    })
  })
})

describe('OPA refuses', () => {
  const cases: readonly [string, () => Promise<Uint8Array>, RegExp, Verification?][] = [
    ['a byte of data that was flipped', () => tampered((files) => flip(files, 'data.json')), /digest mismatch/],
    [
      'a byte of a module that was flipped',
      () => tampered((files) => flip(files, 'app/rules.rego')),
      /digest mismatch/,
    ],
    [
      'another manifest',
      () => tampered((files) => replace(files, '.manifest', '{"revision":"8","roots":["app"]}')),
      /digest mismatch/,
    ],
    ['a file that is missing', () => tampered((files) => void files.splice(1, 1)), /not found in the target bundle/],
    [
      'a file more',
      () => tampered((files) => void files.push({ name: 'b.rego', bytes: Buffer.from('package app.rules.b') })),
      /not included in bundle signature/,
    ],
    ['no signature', () => packOpaFiles(opaBundleFiles(CONTENT)), /missing|signature/],
    [
      'a signature of another key',
      async () => bytesOf(opaBundleFiles(CONTENT), await generateSigningKey('ES256')),
      /verif/,
    ],
    [
      'a signature for another scope',
      () => bytesOf(opaBundleFiles(CONTENT)),
      /scope mismatch/,
      { scope: 'cardea:policy:https://mail.example' },
    ],
    [
      'a data file outside the roots',
      async () =>
        bytesOf(
          opaBundleFiles(CONTENT).map((file) =>
            file.name === 'data.json' ? { ...file, bytes: Buffer.from('{"other":1}') } : file,
          ),
        ),
      /do not permit data/,
    ],
  ]
  test.for(cases)('%s', async ([, bytes, reason, verification], { skip }) => {
    expect(await judge(await bytes(), skip, verification)).toMatch(reason)
  })
})

describe('is refused before it is made:', () => {
  const cases: readonly [string, Partial<OpaBundleContent>][] = [
    ['a fraction', { data: { app: { settings: 1.5 } } }],
    ['not a number', { data: { app: { settings: Number.NaN } } }],
    ['a number that a double does not hold', { data: { app: { settings: 2 ** 53 } } }],
    ['half a character', { data: { app: { settings: '\ud800' } } }],
    ['half a character in a name', { data: { app: { settings: { '\udc00': 1 } } } }],
    ['data beside the roots', { data: { app: { settings: {}, other: {} } } }],
    ['data above a root', { data: { app: 1 } }],
    ['data above a root as a list', { data: { app: [] } }],
    ['data whose name has a slash', { data: { 'app/settings': {} } }],
    ['no root', { roots: [], data: {} }],
    ['the root of everything', { roots: [''] }],
    ['a root under another', { roots: ['app', 'app/settings'] }],
    ['a root twice', { roots: ['app', 'app'] }],
    ['a module with a way out', { modules: new Map([['../x.rego', MODULE]]) }],
    ['a module with a slash before it', { modules: new Map([['/x.rego', MODULE]]) }],
    ['a module of another kind', { modules: new Map([['patch.json', '{}']]) }],
    ['a module with half a character', { modules: new Map([['x.rego', '\ud800']]) }],
    ['data that is nested without end', { data: { app: { settings: nested(600) } } }],
  ]
  test.each(cases)('%s', (_, change) => {
    expect(() => opaBundleFiles({ ...CONTENT, ...change })).toThrow(
      expect.objectContaining({ code: 'ERR_OPA_BUNDLE_CONTENT' }),
    )
  })

  test('a signature by an algorithm that OPA does not know', async () => {
    const by = await generateSigningKey('EdDSA')
    const made = buildOpaBundle(CONTENT, { key: by, scope: SCOPE })
    await expect(made).rejects.toMatchObject({ code: 'ERR_OPA_BUNDLE_KEY' })
    expect(() => opaVerificationKeys({ keys: [publicJwk(by)] })).toThrow(
      expect.objectContaining({ code: 'ERR_OPA_BUNDLE_KEY' }),
    )
  })
})

function flip(files: OpaFile[], name: string): void {
  const text = Buffer.from(files.find((file) => file.name === name)?.bytes ?? []).toString()
  // a `true` of the data, a word of the module
  replace(files, name, text.replace('true', 'null').replace('open', 'opem'))
}

function replace(files: OpaFile[], name: string, text: string): void {
  const at = files.findIndex((file) => file.name === name)
  files[at] = { name, bytes: Buffer.from(text) }
}

function nested(depth: number): OpaBundleContent['data'][string] {
  return depth === 0 ? 1 : [nested(depth - 1)]
}
