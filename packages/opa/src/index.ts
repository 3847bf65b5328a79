// The boundary in other languages.

export { OPA_ERRORS, OpaError } from './errors.ts'
export type { OpaErrorCode, OpaErrorDetails } from './errors.ts'
export { createRestDecider } from './decider/rest-decider.ts'
export type { RestDecider, RestDeciderOptions } from './decider/rest-decider.ts'
export { createWasmDecider } from './decider/wasm-decider.ts'
export type { WasmDecider, WasmDeciderOptions } from './decider/wasm-decider.ts'
export type { InputOf, QuestionOptions } from './decider/question.ts'
export type { Builtin } from './decider/wasm-instance.ts'
export { jsonText } from './input/json-text.ts'
export type { Json, JsonObject } from './input/json-text.ts'
export { MAX_REFERENCES, requestInput } from './input/request-input.ts'
export type { EntityInput, LinkInput, RequestInput, UidInput } from './input/request-input.ts'
