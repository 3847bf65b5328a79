// `@cardea/policy/encoding`: policies as data that need no parsing. Apart from the engine, which does not need it.

export { decodeProgram } from './decode-program.ts'
export { ENCODING_VERSION } from './encoded-program.ts'
export type { EncodedProgram, EncodedSource } from './encoded-program.ts'
export { encodeProgram } from './encode-program.ts'
