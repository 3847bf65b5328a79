// From a signed text to a program. Signature first; then the form, the end, the number; then schema and policies. Until all
// of it holds nothing of it is used, so a bad bundle leaves what was there before untouched.

import { compileProgram, createSchema, parsePolicies, type Policy, PolicyError, type Problem } from '@cardea/policy'
import { type KeySource, parseStrictJson, type SignatureAlgorithm, TokenError, verifyJws } from '@cardea/token'
import { FeedError } from '../errors.ts'
import { BUNDLE_TYPE, type BundleContent, type BundleSource, type OpenBundle } from './bundle.ts'
import { readBundleContent } from './read-bundle-content.ts'
import { bundleDigest } from './sign-bundle.ts'

export interface OpenBundleOptions {
  /** The pinned keys that may sign bundles; not those of access tokens. */
  readonly keys: KeySource
  /** Default `['ES256']`. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** The highest revision ever seen; 0 at the very first. */
  readonly minimumRevision: number
  /** `bundleDigest` of the bundle with that revision, if it is known: the same number must be the same bundle. */
  readonly knownAddress?: string
  readonly now: () => number
  /** Characters of the signed text. Default 16 MiB. */
  readonly maxBytes?: number
}

/**
 * Opens a signed bundle. Its program has the bundle's own `forbidErrors`.
 * Throws `ERR_FEED_BUNDLE_SIGNATURE`, `ERR_FEED_BUNDLE_FORMAT`, `ERR_FEED_BUNDLE_EXPIRED`, `ERR_FEED_BUNDLE_ROLLBACK`,
 * `ERR_FEED_BUNDLE_REPLACED`, `ERR_FEED_BUNDLE_POLICY`.
 */
export async function openBundle(signed: string, options: OpenBundleOptions): Promise<OpenBundle> {
  const content = readBundleContent(parsePayload(await verifySignature(signed, options), options))
  const address = bundleDigest(signed)
  if (!(options.now() < content.notAfterSeconds)) throw new FeedError('ERR_FEED_BUNDLE_EXPIRED')
  if (content.revision < options.minimumRevision) {
    const message = `revision ${content.revision} is older than revision ${options.minimumRevision}, which was seen`
    throw new FeedError('ERR_FEED_BUNDLE_ROLLBACK', message)
  }
  const isKnown = options.knownAddress !== undefined && content.revision === options.minimumRevision
  if (isKnown && address !== options.knownAddress) throw new FeedError('ERR_FEED_BUNDLE_REPLACED')
  return compile(content, address)
}

async function verifySignature(signed: string, options: OpenBundleOptions): Promise<Uint8Array> {
  const { keys, algorithms = ['ES256'], maxBytes = MAX_BYTES } = options
  try {
    return (await verifyJws(signed, { keys, algorithms, type: BUNDLE_TYPE, maxBytes })).payload
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause
    throw new FeedError('ERR_FEED_BUNDLE_SIGNATURE', undefined, { cause })
  }
}

function parsePayload(payload: Uint8Array, { maxBytes = MAX_BYTES }: OpenBundleOptions): unknown {
  try {
    return parseStrictJson(payload, { maxBytes, maxDepth: 64, maxValues: 1_000_000 })
  } catch (cause) {
    throw new FeedError('ERR_FEED_BUNDLE_FORMAT', undefined, { cause })
  }
}

const MAX_BYTES = 16_777_216

function compile(content: BundleContent, address: string): OpenBundle {
  try {
    const schema = createSchema(content.schema)
    const program = compileProgram(content.policies.flatMap(parseSource), {
      schema,
      forbidErrors: content.forbidErrors,
    })
    return Object.freeze({ content, program, schema, address })
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause
    throw new FeedError('ERR_FEED_BUNDLE_POLICY', undefined, { cause })
  }
}

function parseSource({ file, text }: BundleSource): readonly Policy[] {
  const { policies, problems } = parsePolicies(text, { file })
  const errors = problems.filter(({ severity }: Problem) => severity === 'error')
  if (errors.length > 0) {
    throw new PolicyError('ERR_POLICY_SOURCES', `file \`${file}\` of the bundle does not parse`, { problems: errors })
  }
  return policies
}
