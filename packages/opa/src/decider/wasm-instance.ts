// Instances of a compiled Rego module, one at a time. What an instance threw in the middle of may be left in any state, so it is never
// asked again: the next question gets a new one. The module's memory is bounded.
// OPA reference: openpolicyagent.org/docs/wasm (ABI)

import { OpaError } from '../errors.ts'
import { loadPolicySync, type RegoInstance, type WasmModule } from './wasm-sdk.ts'

/** A function that Rego calls and the module does not have. Plain JSON in and out; `undefined` is Rego's undefined. */
export type Builtin = (...values: readonly never[]) => unknown

export interface WasmParts {
  readonly module: WasmModule
  /** JSON text. */
  readonly data: Uint8Array
  readonly builtins: Readonly<Record<string, Builtin>>
  readonly maxMemoryBytes: number
}

export interface Instances {
  /** Names of the rules that can be asked. */
  readonly entrypoints: readonly string[]
  /** The results of one question. Throws whatever the module, a function or the memory's bound throws. */
  evaluate(input: string, entrypoint: string): unknown
}

/** What the SDK has of itself. */
const PROVIDED: ReadonlySet<string> = new Set([
  'json.is_valid',
  'sprintf',
  'regex.split',
  'yaml.is_valid',
  'yaml.marshal',
  'yaml.unmarshal',
])

/** Makes the first instance. Throws `ERR_OPA_WASM`, `ERR_OPA_BUILTIN`. */
export function createInstances(parts: WasmParts): Instances {
  let current: RegoInstance | undefined = first(parts)
  return {
    entrypoints: Object.keys(current.entrypoints),
    evaluate(input, entrypoint) {
      const instance = current ?? create(parts)
      // taken away first: who throws is not given back
      current = undefined
      const results: unknown = instance.evaluate(bufferOf(new TextEncoder().encode(input)), entrypoint)
      current = instance
      return results
    },
  }
}

function first(parts: WasmParts): RegoInstance {
  let instance: RegoInstance
  let needed: readonly string[]
  try {
    instance = create(parts)
    needed = builtinsOf(instance)
  } catch (cause) {
    throw new OpaError('ERR_OPA_WASM', 'the module or its data cannot be loaded', { cause })
  }
  const missing = needed.filter((name) => !PROVIDED.has(name) && !Object.hasOwn(parts.builtins, name))
  if (missing.length === 0) return instance
  throw new OpaError(
    'ERR_OPA_BUILTIN',
    `the Rego calls \`${missing.join('`, `')}\`, which is not there in WebAssembly`,
    {
      hint: 'give it in `builtins`, or ask an OPA over REST',
    },
  )
}

function create({ module, data, builtins, maxMemoryBytes }: WasmParts): RegoInstance {
  const maximum = Math.floor(maxMemoryBytes / PAGE_BYTES)
  const instance = loadPolicySync(module, { initial: Math.min(FIRST_PAGES, maximum), maximum }, settled(builtins))
  instance.setData(bufferOf(data))
  return instance
}

/** A promise would be read as `{}`, which is true in Rego. */
function settled(builtins: WasmParts['builtins']): Readonly<Record<string, Builtin>> {
  const entries = Object.entries(builtins).map(([name, builtin]): [string, Builtin] => [
    name,
    (...values) => {
      const result = builtin(...values)
      if (typeof result === 'object' && result !== null && 'then' in result) {
        throw new TypeError(`the function \`${name}\` answers later`)
      }
      return result
    },
  ])
  return Object.fromEntries(entries)
}

const PAGE_BYTES = 65_536
const FIRST_PAGES = 16

/** An `ArrayBuffer` of exactly these bytes, as the SDK takes JSON texts. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}

/** The functions that the module was compiled against and does not hold. The SDK asks for them only when they are called. */
function builtinsOf({ wasmInstance, mem }: RegoInstance): readonly string[] {
  const { builtins, opa_json_dump: dump } = wasmInstance.exports
  if (typeof builtins !== 'function' || typeof dump !== 'function') throw new TypeError('it is no Rego module')
  const start = Number(dump(builtins()))
  const bytes = new Uint8Array(mem.buffer)
  const end = bytes.indexOf(0, start)
  const names: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(start, end)))
  return typeof names === 'object' && names !== null ? Object.keys(names) : []
}
