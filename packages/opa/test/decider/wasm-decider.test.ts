// Rego in this process: a bundle of the stock `opa` decides at once, and what traps, is missing or is malformed is a deny that spoils nothing.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { fieldMap, type Request } from '@cardea/policy'
import { packTar, unpackTar } from 'modern-tar'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { runCommand } from '../../../../tools/command.ts'
import { findOpa } from '../../../../tools/opa.ts'
import { createWasmDecider, OpaError, type WasmDeciderOptions } from '../../src/index.ts'
import { APP } from '../support/rego.ts'
import { requestOf } from '../support/request.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 })

const ENTRYPOINTS = ['allow', 'never', 'exact', 'verdict', 'open', 'conflict', 'lenient', 'echo']

let missing: string | undefined
let bundle: Uint8Array = new Uint8Array()
let calling: Uint8Array = new Uint8Array()
let providing: Uint8Array = new Uint8Array()

/** What the SDK says that it has; the sixth is `yaml.marshal` with its order of keys. */
const PROVIDED = `package app
import rego.v1
default allow := false
allow if {
	sprintf("%s-%d", ["a", 1]) == "a-1"
	json.is_valid("{}")
	regex.split("-", "a-b") == ["a", "b"]
	yaml.is_valid("a: 1")
	yaml.unmarshal("a: 1") == {"a": 1}
	startswith(yaml.marshal({"a": 1}), "a:")
}
`

const CALLING = `package app
import rego.v1
default allow := false
allow if not denied
denied if http.send({"method": "get", "url": input.context.device}).status_code == 403
`

beforeAll(async () => {
  const opa = await findOpa()
  if ('missing' in opa) {
    missing = opa.missing
    return
  }
  const folder = await mkdtemp(join(tmpdir(), 'cardea-wasm-'))
  const build = async (rego: string, entrypoints: readonly string[], data = {}): Promise<Uint8Array> => {
    await writeFile(join(folder, 'app.rego'), rego)
    await writeFile(join(folder, 'data.json'), JSON.stringify(data))
    const flags = entrypoints.flatMap((name) => ['-e', `app/${name}`])
    const files = ['app.rego', 'data.json']
    const { code, output } = await runCommand(
      opa.command,
      ['build', '-t', 'wasm', ...flags, ...files, '-o', 'b.tar.gz'],
      folder,
    )
    if (code !== 0) throw new Error(output)
    return readFile(join(folder, 'b.tar.gz'))
  }
  try {
    bundle = await build(APP, ENTRYPOINTS, { expected: 'laptop' })
    calling = await build(CALLING, ['allow'])
    providing = await build(PROVIDED, ['allow'])
  } finally {
    await rm(folder, { recursive: true })
  }
})

const needsOpa = (skip: (reason: string) => never): void => {
  if (missing !== undefined) skip(missing)
}

type Options = Partial<Pick<WasmDeciderOptions, 'data' | 'builtins' | 'maxMemoryBytes' | 'maxInputBytes'>>
const deciderOf = (entrypoint: string, more: Options = {}) => createWasmDecider({ bundle, entrypoint, ...more })
const withDevice = (device: string): Request => requestOf({ context: fieldMap({ device }) })

describe('a bundle', () => {
  test.for([
    ['app/allow', 'allow', 'permit', [], []],
    ['data.app.allow', 'allow', 'permit', [], []],
    ['app/never', 'deny', 'no-permit', [], []],
    ['app/exact', 'allow', 'permit', [], []],
    ['app/verdict', 'deny', 'no-permit', ['not on a weekday'], []],
    ['app/open', 'deny', 'no-permit', [], ['ERR_OPA_UNDEFINED']],
    ['app/conflict', 'deny', 'forbid-error', [], ['ERR_OPA_EVALUATION']],
    ['app/echo', 'allow', 'permit', ['laptop'], []],
  ] as const)('%s: %s', async ([entrypoint, ...expected], { skip }) => {
    needsOpa(skip)
    const { decision, reason, determining, errors } = (await deciderOf(entrypoint)).decide(requestOf())
    expect([decision, reason, determining, errors.map(({ code }) => code)]).toEqual(expected)
  })

  test('other data in the place of its own', async ({ skip }) => {
    needsOpa(skip)
    const decider = await deciderOf('app/echo', { data: { expected: 'phone' } })
    expect(decider.decide(requestOf()).decision).toBe('deny')
    expect(decider.decide(withDevice('phone')).decision).toBe('allow')
  })

  test('as its module alone', async ({ skip }) => {
    needsOpa(skip)
    const policy = (await entriesOf(bundle)).find(({ header }) => header.name === '/policy.wasm')?.data
    const decider = await createWasmDecider({ policy: policy ?? new Uint8Array(), entrypoint: 'app/allow' })
    expect(decider.decide(requestOf()).decision).toBe('allow')
  })

  test('of one rule needs no name for it', async ({ skip }) => {
    needsOpa(skip)
    const decider = await createWasmDecider({ bundle: providing })
    expect(decider.entrypoint).toBe('app/allow')
  })

  test.for(['a\u0000b', 'a"\\\n\u001f', 'é\u2028\u{1f511}', '\uffff', ''])(
    'a text comes through as it is: %j',
    async (device, { skip }) => {
      needsOpa(skip)
      const decision = (await deciderOf('app/echo', { data: { expected: device } })).decide(withDevice(device))
      expect(decision).toMatchObject({ decision: 'allow', determining: [device] })
    },
  )
})

describe('a deny', () => {
  test('by a trap, after which the next question is answered as before', async ({ skip }) => {
    needsOpa(skip)
    const decider = await deciderOf('app/allow', { maxMemoryBytes: 4_194_304, maxInputBytes: 10_000_000 })
    const huge = withDevice('x'.repeat(3_000_000))
    for (let round = 0; round < 5; round += 1) {
      expect(decider.decide(huge)).toMatchObject({ decision: 'deny', errors: [{ code: 'ERR_OPA_EVALUATION' }] })
      expect(decider.decide(requestOf())).toMatchObject({ decision: 'allow', errors: [] })
    }
  })

  test('for an input beyond its bound, which is never read as no input', async ({ skip }) => {
    needsOpa(skip)
    const decider = await deciderOf('app/lenient', { maxInputBytes: 200 })
    expect(decider.decide(requestOf())).toMatchObject({ decision: 'deny', errors: [{ code: 'ERR_OPA_INPUT' }] })
  })

  test('for an input that the module’s own reader would take for none', async ({ skip }) => {
    needsOpa(skip)
    const lenient = await deciderOf('app/lenient')
    expect(lenient.decide(requestOf()).decision).toBe('deny')
    expect(lenient.decide(withDevice('a\ud800'))).toMatchObject({
      decision: 'deny',
      errors: [{ code: 'ERR_OPA_INPUT' }],
    })
  })

  test('for a function that fails or answers later', async ({ skip }) => {
    needsOpa(skip)
    const fails = (): never => {
      throw new Error('secret')
    }
    for (const send of [fails, () => Promise.resolve({ status_code: 200 })]) {
      const decider = await createWasmDecider({ bundle: calling, builtins: { 'http.send': send } })
      const decision = decider.decide(requestOf())
      expect(decision).toMatchObject({ decision: 'deny', errors: [{ code: 'ERR_OPA_EVALUATION' }] })
      expect(JSON.stringify(decision)).not.toContain('secret')
    }
  })
})

describe('functions', () => {
  test('that the SDK has', async ({ skip }) => {
    needsOpa(skip)
    expect((await createWasmDecider({ bundle: providing })).decide(requestOf()).decision).toBe('allow')
  })

  test('that nobody has are refused at the start, by name', async ({ skip }) => {
    needsOpa(skip)
    await expect(createWasmDecider({ bundle: calling })).rejects.toMatchObject({
      code: 'ERR_OPA_BUILTIN',
      message: expect.stringContaining('`http.send`') as string,
    })
  })

  test('that are given', async ({ skip }) => {
    needsOpa(skip)
    const given = await createWasmDecider({ bundle: calling, builtins: { 'http.send': () => ({ status_code: 200 }) } })
    expect(given.decide(requestOf()).decision).toBe('allow')
  })
})

type Entries = Awaited<ReturnType<typeof unpackTar>>
const entriesOf = (packed: Uint8Array): Promise<Entries> => unpackTar(gunzipSync(packed))

describe('is not loaded', () => {
  test.for<[string, (entries: Entries) => Entries]>([
    ['without a module', (entries) => entries.filter(({ header }) => !header.name.endsWith('.wasm'))],
    ['with two', (entries) => [...entries, renamed(entries, '/policy.wasm', '/more/policy.wasm')]],
    ['with data elsewhere', (entries) => [...entries, renamed(entries, '/data.json', '/app/data.json')]],
    ['with a file twice', (entries) => [...entries, renamed(entries, '/data.json', 'data.json')]],
    ['with a signature', (entries) => [...entries, renamed(entries, '/data.json', '/.signatures.json')]],
  ])('%s', async ([, change], { skip }) => {
    needsOpa(skip)
    const changed = gzipSync(await packTar(change(await entriesOf(bundle))))
    await expect(createWasmDecider({ bundle: changed, entrypoint: 'app/allow' })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_OPA_WASM' }) as Error,
    )
  })

  test.each<[string, WasmDeciderOptions]>([
    ['no tarball', { bundle: new TextEncoder().encode('policy') }],
    ['a cut one', { bundle: gzipSync('x'.repeat(700)).subarray(0, 20) }],
    ['no module', { policy: new TextEncoder().encode('policy') }],
    ['a module that is no Rego', { policy: Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0) }],
  ])('%s', async (_name, options) => {
    await expect(createWasmDecider(options)).rejects.toThrow(OpaError)
  })

  test('without the name of the rule, or with one that it has not', async ({ skip }) => {
    needsOpa(skip)
    await expect(createWasmDecider({ bundle })).rejects.toMatchObject({ code: 'ERR_OPA_WASM' })
    await expect(deciderOf('app/other')).rejects.toMatchObject({
      code: 'ERR_OPA_WASM',
      hint: expect.stringContaining('app/allow') as string,
    })
    await expect(deciderOf('app/toString')).rejects.toMatchObject({ code: 'ERR_OPA_WASM' })
  })

  test('with less memory than it needs', async ({ skip }) => {
    needsOpa(skip)
    await expect(deciderOf('app/allow', { maxMemoryBytes: 65_536 })).rejects.toMatchObject({ code: 'ERR_OPA_WASM' })
  })
})

function renamed(entries: Entries, from: string, to: string): Entries[number] {
  const entry = entries.find(({ header }) => header.name === from)
  if (entry === undefined) throw new TypeError(`the bundle has no ${from}`)
  return { ...entry, header: { ...entry.header, name: to } }
}
