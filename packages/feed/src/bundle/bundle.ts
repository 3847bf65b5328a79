// A bundle: checked policies with all that deciding by them needs, in one text. Published by an authority it is signed, numbered and
// has an end; built for a service alone it is a file. docs/bundle.md has the format field by field.

import type { ForbidErrors, Program, Schema, SchemaDefinition } from '@cardea/policy'
import type { EncodedProgram } from '@cardea/policy/encoding'

/** The media type in the header's `typ`. No token has it. */
export const BUNDLE_TYPE = 'cardea-bundle+jws'

/** The version of the format that is written, and the only one that is read. */
export const BUNDLE_FORMAT = 3

/** The language whose meaning the program has. Another one is refused. */
export const BUNDLE_LANGUAGE = 'Cedar 4.5'

export interface BundleContent {
  readonly format: typeof BUNDLE_FORMAT
  readonly language: typeof BUNDLE_LANGUAGE
  /** Name and version of what built it, for people. */
  readonly producer: string
  /** `policyDigest` of what was checked: the same that the generated schema file holds. */
  readonly digest: string
  /** What an erroring `forbid` does, for every backend of this bundle. */
  readonly forbidErrors: ForbidErrors
  /** The schema as it is decided by. */
  readonly schema: SchemaDefinition
  /** The text that the schema was resolved from. */
  readonly schemaSource: BundleSource
  /** The texts of the policies, by file name in code unit order. Spans point into them; deciding does not parse them. */
  readonly policies: readonly BundleSource[]
  /** The same policies as trees. */
  readonly program: EncodedProgram
  /** The claims plan of every token that may still live, the newest first. */
  readonly plans: readonly BundlePlan[]
  /** Counts up by one with every publication and never goes back. Absent: built for a service alone. */
  readonly revision?: number
  /** Unix seconds, exclusive. A guard that gets no newer bundle in time denies. There exactly when there is a revision. */
  readonly notAfterSeconds?: number
  /** Whose guards decide by it: one signed for another audience is another policy. There exactly when there is a revision. */
  readonly audience?: string
}

/** What is signed has its number, its end and its audience. */
export type PublishedContent = BundleContent &
  Required<Pick<BundleContent, 'revision' | 'notAfterSeconds' | 'audience'>>

export interface BundleSource {
  readonly file: string
  readonly text: string
}

/** What `@cardea/claims` calls a `ClaimsPlan`. This package carries plans and does not read them. */
export interface BundlePlan {
  readonly digest: string
  readonly principals: {
    readonly [type: string]: {
      readonly attributes: readonly { readonly path: readonly string[]; readonly restrictive: boolean }[]
      readonly ancestors: readonly { readonly type: string; readonly restrictive: boolean }[]
    }
  }
  readonly templates: readonly string[]
}

/** A bundle that compiles. */
export interface CompiledBundle<Content extends BundleContent = BundleContent> {
  readonly content: Content
  readonly program: Program
  readonly schema: Schema
}

/** A bundle that was verified, is in time, and compiles. */
export interface OpenBundle extends CompiledBundle<PublishedContent> {
  /** `bundleDigest` of the signed text. */
  readonly address: string
}

/** Where a bundle is: what the feed says of it. */
export interface BundleAddress {
  readonly revision: number
  /** `bundleDigest` of the signed text: `GET /v1/bundles/{digest}`. */
  readonly digest: string
}
