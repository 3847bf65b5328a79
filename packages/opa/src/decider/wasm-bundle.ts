// What `opa build -t wasm` makes, read into its two parts: the module and the data. Bounded, in memory, nothing is written to disk.
// OPA reference: openpolicyagent.org/docs/management-bundles (Bundle File Format)

import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { OpaError } from '../errors.ts'

export interface WasmBundle {
  readonly policy: Uint8Array
  /** JSON text; empty data where the bundle has none. */
  readonly data: Uint8Array
}

const LIMITS = { packedBytes: 67_108_864, unpackedBytes: 268_435_456, files: 10_000 } as const

/**
 * Throws `ERR_OPA_WASM` for what is no such bundle, is beyond the limits, has no or several modules, has data beside `/data.json`, or is
 * signed: as an OPA without a key refuses it.
 */
export async function readWasmBundle(packed: Uint8Array): Promise<WasmBundle> {
  const files = await unpack(packed)
  const policies = files.filter(({ name }) => name.endsWith('.wasm'))
  const [policy] = policies
  if (policy === undefined || policies.length > 1) {
    throw new OpaError('ERR_OPA_WASM', `the bundle has ${policies.length} modules and must have one`, {
      hint: 'build it with `opa build -t wasm -e app/allow ...`',
    })
  }
  if (files.some(({ name }) => name === '.signatures.json')) {
    throw new OpaError('ERR_OPA_WASM', 'the bundle is signed, and there is no key to verify it with', {
      hint: 'verify it where it is fetched, and give the one that was signed',
    })
  }
  if (files.some(({ name }) => /(?:^|\/)data\.(?:json|ya?ml)$/.test(name) && name !== 'data.json')) {
    throw new OpaError('ERR_OPA_WASM', 'the bundle has data beside `/data.json`', {
      hint: '`opa build` makes one file of all data',
    })
  }
  const data = files.find(({ name }) => name === 'data.json')
  return { policy: policy.bytes, data: data?.bytes ?? NO_DATA }
}

const NO_DATA = new TextEncoder().encode('{}')

async function unpack(packed: Uint8Array): Promise<{ readonly name: string; readonly bytes: Uint8Array }[]> {
  const { packedBytes, unpackedBytes, files } = LIMITS
  if (packed.byteLength > packedBytes)
    throw new OpaError('ERR_OPA_WASM', `the bundle is longer than ${packedBytes} bytes`)
  let entries: Awaited<ReturnType<typeof unpackTar>>
  try {
    const archive = await promisify(gunzip)(packed, { maxOutputLength: unpackedBytes })
    entries = await unpackTar(archive, { strict: true })
  } catch (cause) {
    throw new OpaError('ERR_OPA_WASM', 'the bundle is no gzip tarball', { cause })
  }
  if (entries.length > files) throw new OpaError('ERR_OPA_WASM', `the bundle has more than ${files} files`)
  const found = entries.flatMap(({ header, data }) =>
    // OPA writes a slash before every name
    data === undefined ? [] : [{ name: header.name.replace(/^(?:\.?\/)+/, ''), bytes: data }],
  )
  if (new Set(found.map(({ name }) => name)).size === found.length) return found
  throw new OpaError('ERR_OPA_WASM', 'a file stands twice in the bundle')
}
