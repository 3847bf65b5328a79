// The OPA project's own SDK and WebAssembly as this package uses them: the types of the SDK name a global that only a browser's library
// declares, and lack the default export.

import * as sdk from '@open-policy-agent/opa-wasm'

/** A compiled module, of which any number of instances can be made. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: 'WebAssembly.Module'
}

/** One instance. What its methods throw may leave it in any state. */
export interface RegoInstance {
  readonly entrypoints: Readonly<Record<string, number>>
  readonly mem: { readonly buffer: ArrayBuffer }
  readonly wasmInstance: { readonly exports: Readonly<Record<string, unknown>> }
  /** A JSON text in, a list of results out. */
  evaluate(input: ArrayBuffer, entrypoint: string): unknown
  setData(data: ArrayBuffer): void
}

interface Sdk {
  loadPolicySync(
    module: WasmModule,
    memory: { initial: number; maximum: number },
    builtins: { readonly [name: string]: unknown },
  ): RegoInstance
}

declare const WebAssembly: { compile(bytes: Uint8Array): Promise<WasmModule> }

/** Throws what the engine throws. */
export function compileModule(bytes: Uint8Array): Promise<WasmModule> {
  return WebAssembly.compile(bytes)
}

/** Throws what linking or starting throws. */
export const loadPolicySync: Sdk['loadPolicySync'] = (...args) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types of the SDK do not say that there is one
  const { default: opa } = sdk as unknown as { readonly default: Sdk }
  return opa.loadPolicySync(...args)
}
