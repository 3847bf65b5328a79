// From a signed text to a program. Signature first; then the form, the audience, the end, the number; then schema and policies. Until all
// of it holds nothing of it is used, so a bad bundle leaves what was there before untouched.

import { type KeySource, type SignatureAlgorithm, TokenError, verifyJws } from '@cardea/token'
import { FeedError } from '../errors.ts'
import { BUNDLE_TYPE, type OpenBundle } from './bundle.ts'
import { compileBundle, type CompileBundleOptions } from './compile-bundle.ts'
import { MAX_BUNDLE_BYTES, parseBundle, requirePublished } from './parse-bundle.ts'
import { proveBundle } from './prove-bundle.ts'
import { bundleDigest } from './sign-bundle.ts'

export interface OpenBundleOptions extends CompileBundleOptions {
  /** The pinned keys that may sign bundles; not those of access tokens. */
  readonly keys: KeySource
  /** Default `['ES256']`. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** Whose guards decide by it. */
  readonly audience: string
  /** The highest revision ever seen; 0 at the very first. */
  readonly minimumRevision: number
  /** `bundleDigest` of the bundle with that revision, if it is known: the same number must be the same bundle. */
  readonly knownAddress?: string
  readonly now: () => number
  /** Characters of the signed text. Default 16 MiB. */
  readonly maxBytes?: number
  /** Parse the texts too, and refuse a program that is not theirs. Default false: the signature covers both. */
  readonly prove?: boolean
}

/**
 * Opens a signed bundle. Its program has the bundle's own `forbidErrors`.
 * Throws `ERR_FEED_BUNDLE_SIGNATURE`, `ERR_FEED_BUNDLE_VERSION`, `ERR_FEED_BUNDLE_FORMAT`, `ERR_FEED_BUNDLE_AUDIENCE`,
 * `ERR_FEED_BUNDLE_EXPIRED`, `ERR_FEED_BUNDLE_ROLLBACK`, `ERR_FEED_BUNDLE_REPLACED`, `ERR_FEED_BUNDLE_POLICY`; with `prove` also `ERR_FEED_BUNDLE_DIGEST` and
 * `ERR_FEED_BUNDLE_TEXTS`.
 */
export async function openBundle(signed: string, options: OpenBundleOptions): Promise<OpenBundle> {
  const content = requirePublished(parseBundle(await verifySignature(signed, options)))
  const address = bundleDigest(signed)
  if (content.audience !== options.audience) throw new FeedError('ERR_FEED_BUNDLE_AUDIENCE')
  if (!(options.now() < content.notAfterSeconds)) throw new FeedError('ERR_FEED_BUNDLE_EXPIRED')
  if (content.revision < options.minimumRevision) {
    const message = `revision ${content.revision} is older than revision ${options.minimumRevision}, which was seen`
    throw new FeedError('ERR_FEED_BUNDLE_ROLLBACK', message)
  }
  const isKnown = options.knownAddress !== undefined && content.revision === options.minimumRevision
  if (isKnown && address !== options.knownAddress) throw new FeedError('ERR_FEED_BUNDLE_REPLACED')
  const compiled = compileBundle(content, options)
  if (options.prove === true) await proveBundle(content)
  return Object.freeze({ ...compiled, address })
}

async function verifySignature(signed: string, options: OpenBundleOptions): Promise<Uint8Array> {
  const { keys, algorithms = ['ES256'], maxBytes = MAX_BUNDLE_BYTES } = options
  try {
    return (await verifyJws(signed, { keys, algorithms, type: BUNDLE_TYPE, maxBytes })).payload
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause
    throw new FeedError('ERR_FEED_BUNDLE_SIGNATURE', undefined, { cause })
  }
}
