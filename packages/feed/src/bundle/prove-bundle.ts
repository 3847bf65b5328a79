// The proof that what runs is what is written: the texts are parsed again, and the program must be theirs, byte for byte.

import { parsePolicySources, policyDigest } from '@cardea/policy'
import { encodeProgram } from '@cardea/policy/encoding'
import { isDeepStrictEqual } from 'node:util'
import { FeedError } from '../errors.ts'
import type { BundleContent } from './bundle.ts'
import { canonicalJson } from './canonical-json.ts'
import { decodeBundle } from './compile-bundle.ts'

/** Throws `ERR_FEED_BUNDLE_DIGEST` unless the texts are the ones that the bundle's digest names. */
export async function checkBundleDigest({ policies, schemaSource, digest }: BundleContent): Promise<void> {
  if ((await policyDigest(policies, schemaSource.text)) === digest) return
  throw new FeedError('ERR_FEED_BUNDLE_DIGEST', 'the texts of the bundle are not the ones that its digest names')
}

/**
 * Proves a bundle: its digest is that of its texts, and its program is what they mean. Costs what parsing costs. Does not resolve the
 * text of the schema again; `cardea bundle verify` does.
 * Throws `ERR_FEED_BUNDLE_DIGEST`, `ERR_FEED_BUNDLE_TEXTS` naming the first policy that differs, `ERR_FEED_BUNDLE_FORMAT`.
 */
export async function proveBundle(content: BundleContent): Promise<void> {
  await checkBundleDigest(content)
  const { policies: sources, program } = content
  const { policies, problems } = parsePolicySources(sources)
  if (problems.some(({ severity }) => severity === 'error')) throw differs('a text does not parse')
  const encoded = encodeProgram(policies, sources)
  if (canonicalJson(encoded) === canonicalJson(program)) return
  const running = decodeBundle(content)
  const written = policies.find((policy, index) => !isDeepStrictEqual(policy, running[index]))
  if (written !== undefined) throw differs(`policy \`${written.id}\` of \`${written.span.file}\` says something else`)
  throw differs(running.length > policies.length ? 'it has a policy more' : 'its encoding is another one')
}

function differs(reason: string): FeedError {
  return new FeedError('ERR_FEED_BUNDLE_TEXTS', `the program of the bundle is not what its texts say: ${reason}`)
}
