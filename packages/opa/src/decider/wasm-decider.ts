// Rego compiled to WebAssembly as a decider in this process. It answers at once, so every question of a guard works with it. INVARIANT:
// what traps, is undefined or is not understood is a deny, and spoils no later question. There is no time limit: Rego always ends, but
// nothing else runs meanwhile.

import type { Decider, Decision, Request } from '@cardea/policy'
import { OpaError } from '../errors.ts'
import { jsonText, type Json } from '../input/json-text.ts'
import { failed, readAnswer, undefinedAnswer } from './answer.ts'
import { type QuestionOptions, questionText } from './question.ts'
import { readWasmBundle } from './wasm-bundle.ts'
import { type Builtin, createInstances, type Instances } from './wasm-instance.ts'
import { compileModule, type WasmModule } from './wasm-sdk.ts'

export type WasmDeciderOptions = QuestionOptions &
  (
    | {
        /** The bytes of a bundle that `opa build -t wasm` made. */
        readonly bundle: Uint8Array
        readonly policy?: never
      }
    | {
        /** The bytes of a `policy.wasm`. */
        readonly policy: Uint8Array
        readonly bundle?: never
      }
  ) & {
    /** In the place of the bundle's data. */
    readonly data?: Json
    /** The rule that is asked, `app/allow`; may be left out where there is one. */
    readonly entrypoint?: string
    /** Functions that the Rego calls and WebAssembly does not have, by name. They must not wait. */
    readonly builtins?: Readonly<Record<string, Builtin>>
    /** Of one instance. Default 64 MiB; beyond it a question is denied. */
    readonly maxMemoryBytes?: number
  }

/** A decider that answers at once. */
export interface WasmDecider extends Decider {
  /** Never throws. A deny for want of an answer has the reason `forbid-error` and a code in `errors`. */
  decide(request: Request): Decision
  readonly entrypoint: string
}

const MAX_MEMORY_BYTES = 67_108_864

/**
 * Loads the module. Throws `ERR_OPA_WASM`, `ERR_OPA_BUILTIN`. The codes in decisions: `ERR_OPA_UNDEFINED`, `ERR_OPA_EVALUATION`,
 * `ERR_OPA_ANSWER`, `ERR_OPA_INPUT`.
 */
export async function createWasmDecider(options: WasmDeciderOptions): Promise<WasmDecider> {
  const { policy, data } =
    options.bundle === undefined ? { policy: options.policy, data: NO_DATA } : await readWasmBundle(options.bundle)
  const instances = createInstances({
    module: await compile(policy),
    data: options.data === undefined ? data : new TextEncoder().encode(jsonText(options.data)),
    builtins: options.builtins ?? {},
    maxMemoryBytes: options.maxMemoryBytes ?? MAX_MEMORY_BYTES,
  })
  const entrypoint = chosen(instances, options.entrypoint)
  return {
    entrypoint,
    decide(request) {
      let input: string
      try {
        input = questionText(request, options)
      } catch {
        return failed('ERR_OPA_INPUT')
      }
      return answerOf(instances, input, entrypoint)
    },
  }
}

const NO_DATA = new TextEncoder().encode('{}')

async function compile(bytes: Uint8Array): Promise<WasmModule> {
  try {
    return await compileModule(bytes)
  } catch (cause) {
    throw new OpaError('ERR_OPA_WASM', 'it is no WebAssembly module', { cause })
  }
}

function chosen({ entrypoints }: Instances, asked: string | undefined): string {
  const [only] = entrypoints
  const name = asked
    ?.replace(/^data\./, '')
    .replaceAll('.', '/')
    .replace(/^\//, '')
  if (name === undefined && only !== undefined && entrypoints.length === 1) return only
  if (name !== undefined && entrypoints.includes(name)) return name
  throw new OpaError('ERR_OPA_WASM', 'the module does not say which rule is asked', {
    hint: `\`entrypoint\` must be one of ${entrypoints.join(', ')}`,
  })
}

function answerOf(instances: Instances, input: string, entrypoint: string): Decision {
  let results: unknown
  try {
    results = instances.evaluate(input, entrypoint)
  } catch {
    return failed('ERR_OPA_EVALUATION')
  }
  if (!Array.isArray(results) || results.length > 1) return failed('ERR_OPA_ANSWER')
  const [one] = results as readonly unknown[]
  if (one === undefined) return undefinedAnswer()
  const hasResult = typeof one === 'object' && one !== null && 'result' in one
  return hasResult ? readAnswer(one.result) : failed('ERR_OPA_ANSWER')
}
