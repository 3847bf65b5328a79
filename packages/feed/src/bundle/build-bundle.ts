// From checked policies to a bundle. The same policies, schema and metadata make the same bytes, in whichever order files and
// members came.

import type { Policy } from '@cardea/policy'
import { encodeProgram } from '@cardea/policy/encoding'
import {
  BUNDLE_FORMAT,
  BUNDLE_LANGUAGE,
  type BundleContent,
  type BundleSource,
  type PublishedContent,
} from './bundle.ts'
import { canonicalJson } from './canonical-json.ts'
import { checkContent } from './parse-bundle.ts'

export interface BundleParts extends Omit<BundleContent, 'format' | 'language' | 'program'> {
  /** The trees of these texts. */
  readonly program: readonly Policy[]
}

/**
 * Builds a bundle. Policies go into the order of their files and places. That they passed every check, and that the trees are those
 * of the texts, is the caller's to know (`proveBundle` tests the second).
 * Throws `ERR_FEED_BUNDLE_FORMAT`, `PolicyError` `ERR_POLICY_ENCODING_DEPTH`.
 */
export function buildBundle(parts: BundleParts & PublishedParts): PublishedContent
export function buildBundle(parts: BundleParts): BundleContent
export function buildBundle({ program, ...parts }: BundleParts): BundleContent {
  const policies = parts.policies.map(sourceOf).toSorted(byFile)
  const places = new Map(policies.map(({ file }, index) => [file, index]))
  const placeOf = ({ span }: Policy): number => places.get(span.file) ?? 0
  const ordered = program.toSorted(
    (left, right) => placeOf(left) - placeOf(right) || left.span.start - right.span.start,
  )
  return checkContent({
    ...parts,
    format: BUNDLE_FORMAT,
    language: BUNDLE_LANGUAGE,
    schemaSource: sourceOf(parts.schemaSource),
    policies,
    program: encodeProgram(ordered, policies),
  })
}

/** The bytes of a bundle as text: canonical JSON (RFC 8785), so that one bundle has one text. */
export function printBundle(content: BundleContent): string {
  return canonicalJson(content)
}

type PublishedParts = Pick<PublishedContent, 'revision' | 'notAfterSeconds' | 'audience'>

function sourceOf({ file, text }: BundleSource): BundleSource {
  return { file, text }
}

/** By code units, so that the order is the same everywhere. */
function byFile(left: BundleSource, right: BundleSource): number {
  return left.file < right.file ? -1 : left.file > right.file ? 1 : 0
}
