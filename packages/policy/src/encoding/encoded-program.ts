// Policies as plain JSON data from which they are made again without parsing: what a bundle carries. docs/bundle.md has the form
// field by field. One set of policies has one encoding.

/** The version that is written, and the only one that is read. Every change of the form or of the list of kinds raises it. */
export const ENCODING_VERSION = 1

export interface EncodedProgram {
  readonly version: typeof ENCODING_VERSION
  /** Every text once, in order of first use: names, ids, strings, long integers as digits. */
  readonly texts: readonly string[]
  /** Every entity once, in order of first use, as two indexes into `texts`: its type and its id. */
  readonly entities: readonly number[]
  /** The policies one after the other, each a run of integers. */
  readonly policies: readonly number[]
}

/** A text that spans point into. */
export interface EncodedSource {
  readonly file: string
  readonly text: string
}
