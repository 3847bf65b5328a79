// A bundle: the policies of one revision with all that deciding by them needs, signed, numbered and with an end.

import type { ForbidErrors, Program, Schema, SchemaDefinition } from '@cardea/policy'

/** The media type in the header's `typ`. No token has it. */
export const BUNDLE_TYPE = 'cardea-bundle+jws'

export interface BundleContent {
  readonly format: 1
  /** Counts up by one with every publication and never goes back. */
  readonly revision: number
  /** Unix seconds, exclusive. A guard that gets no newer bundle in time denies. */
  readonly notAfterSeconds: number
  /** What an erroring `forbid` does, for every backend of this revision. */
  readonly forbidErrors: ForbidErrors
  readonly schema: SchemaDefinition
  readonly policies: readonly BundleSource[]
  /** The claims plan of every token that may still live, the newest first. */
  readonly plans: readonly BundlePlan[]
  /** `policyDigest` of what was published: the same that the generated schema file holds. */
  readonly digest: string
}

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

/** A bundle that was verified, is in time, and compiles. */
export interface OpenBundle {
  readonly content: BundleContent
  readonly program: Program
  readonly schema: Schema
  /** `bundleDigest` of the signed text. */
  readonly address: string
}

/** Where a bundle is: what the feed says of it. */
export interface BundleAddress {
  readonly revision: number
  /** `bundleDigest` of the signed text: `GET /v1/bundles/{digest}`. */
  readonly digest: string
}
