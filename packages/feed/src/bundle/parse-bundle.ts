// From the text of a bundle to its content. Version first, so that an old or a future bundle is told from a broken one; then the
// form; then the text itself, which must be the one text of that content. Whether schema and policies mean something is found when they are
// compiled.

import type { SchemaDefinition } from '@cardea/policy'
import { ENCODING_VERSION } from '@cardea/policy/encoding'
import { FeedError } from '../errors.ts'
import { isObject, isSeconds, isText, isTexts } from '../wire/json.ts'
import {
  BUNDLE_FORMAT,
  BUNDLE_LANGUAGE,
  type BundleContent,
  type BundlePlan,
  type BundleSource,
  type PublishedContent,
} from './bundle.ts'
import { canonicalJson } from './canonical-json.ts'

/** UTF-8 bytes of a bundle's text. */
export const MAX_BUNDLE_BYTES = 16_777_216

/**
 * Reads a bundle. Guarantees its form and that the text is canonical, so that no parser reads another content from it. Believes nothing
 * of where it came from: `openBundle` does that. Throws `ERR_FEED_BUNDLE_VERSION`, `ERR_FEED_BUNDLE_FORMAT`.
 */
export function parseBundle(bytes: Uint8Array | string): BundleContent {
  const text = typeof bytes === 'string' ? bytes : decodeUtf8(bytes)
  const json = parseJson(text)
  checkVersion(json)
  const content = checkContent(json)
  if (canonical(json) !== text) throw malformed('another text than the canonical one')
  return content
}

/** Throws `ERR_FEED_BUNDLE_FORMAT` for a bundle without number, end and audience. */
export function requirePublished(content: BundleContent): PublishedContent {
  const { revision, notAfterSeconds, audience } = content
  if (revision === undefined || notAfterSeconds === undefined || audience === undefined) {
    throw malformed('no `revision`')
  }
  return { ...content, revision, notAfterSeconds, audience }
}

/** The form of a content, with no member that is not known. Throws `ERR_FEED_BUNDLE_FORMAT`, `ERR_FEED_BUNDLE_VERSION`. */
export function checkContent(json: unknown): BundleContent {
  checkVersion(json)
  const { revision, notAfterSeconds, audience, ...parts } = json
  const {
    format: _,
    language: __,
    producer,
    digest,
    forbidErrors,
    schema,
    schemaSource,
    policies,
    program,
    plans,
    ...rest
  } = parts
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw malformed('a member that this format does not have')
  if (!isText(producer)) throw malformed('no producer')
  if (!isText(digest)) throw malformed('no digest')
  if (forbidErrors !== 'deny' && forbidErrors !== 'skip') throw malformed('no `forbidErrors`')
  if (!isSchema(schema)) throw malformed('no schema')
  if (!isSource(schemaSource)) throw malformed('no text of the schema')
  if (!Array.isArray(policies) || !policies.every(isSource)) throw malformed('no policies')
  if (!areInOrder(policies)) throw malformed('files out of order, or one twice')
  if (!isProgram(program)) throw malformed('no program')
  if (!Array.isArray(plans) || plans.length === 0 || !plans.every(isPlan)) throw malformed('no plans')
  const content = {
    format: BUNDLE_FORMAT,
    language: BUNDLE_LANGUAGE,
    producer,
    digest,
    forbidErrors,
    schema: bare(schema),
    schemaSource,
    policies,
    program,
    plans: plans.map(bare),
  } as const
  if (revision === undefined && notAfterSeconds === undefined && audience === undefined) return Object.freeze(content)
  if (!isSeconds(revision) || revision < 1) throw malformed('no `revision`')
  if (!isSeconds(notAfterSeconds)) throw malformed('no end')
  if (!isText(audience)) throw malformed('no audience')
  return Object.freeze({ ...content, revision, notAfterSeconds, audience })
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw malformed('bytes that are no UTF-8', cause)
  }
}

function parseJson(text: string): unknown {
  if (text.length > MAX_BUNDLE_BYTES) throw malformed(`more than ${MAX_BUNDLE_BYTES} bytes`)
  try {
    return JSON.parse(text)
  } catch (cause) {
    const hint = 'a signed bundle is opened with the keys of its authority'
    throw new FeedError(
      'ERR_FEED_BUNDLE_FORMAT',
      'the bundle has no JSON',
      isSigned(text) ? { cause, hint } : { cause },
    )
  }
}

/** A compact JWS begins with its header in base64url. */
function isSigned(text: string): boolean {
  return text.startsWith('eyJ')
}

function canonical(json: unknown): string {
  try {
    return canonicalJson(json)
  } catch (cause) {
    throw malformed('parts that are nested too deeply', cause)
  }
}

/** A bundle that another release wrote is told apart, with what to do. */
function checkVersion(json: unknown): asserts json is { readonly [name: string]: unknown } {
  if (!isObject(json)) throw malformed('no content')
  const { format, language, program } = json
  if (!isSeconds(format)) throw malformed('no format')
  if (format !== BUNDLE_FORMAT) throw otherVersion(`format ${format}`, format < BUNDLE_FORMAT)
  if (!isText(language)) throw malformed('no language')
  if (language !== BUNDLE_LANGUAGE) throw otherVersion('policies in another language', language < BUNDLE_LANGUAGE)
  const version = isObject(program) ? program['version'] : undefined
  if (!isSeconds(version)) throw malformed('no program')
  if (version !== ENCODING_VERSION) throw otherVersion(`a program of version ${version}`, version < ENCODING_VERSION)
}

function otherVersion(what: string, isOlder: boolean): FeedError {
  return new FeedError('ERR_FEED_BUNDLE_VERSION', `the bundle has ${what}, which this release does not read`, {
    hint: isOlder
      ? 'publish or build it again with the present release'
      : 'it was made by a newer release: update this one',
  })
}

function isSource(json: unknown): json is BundleSource {
  return isObject(json) && isText(json['file']) && typeof json['text'] === 'string' && Object.keys(json).length === 2
}

function areInOrder(sources: readonly BundleSource[]): boolean {
  return sources.every(({ file }, index) => file > (sources[index - 1]?.file ?? ''))
}

/** The outside alone: `decodeProgram` checks the rest. */
function isProgram(json: unknown): json is BundleContent['program'] {
  return isObject(json)
}

/** The outside alone: `createSchema` checks the rest. */
function isSchema(json: unknown): json is SchemaDefinition {
  return isObject(json) && isObject(json['entities']) && isObject(json['actions'])
}

function isPlan(json: unknown): json is BundlePlan {
  return (
    isObject(json) &&
    isText(json['digest']) &&
    isTexts(json['templates']) &&
    isObject(json['principals']) &&
    Object.values(json['principals']).every(isPlannedPrincipal)
  )
}

function isPlannedPrincipal(json: unknown): boolean {
  if (!isObject(json)) return false
  const { attributes, ancestors } = json
  return (
    Array.isArray(attributes) &&
    attributes.every((item) => isObject(item) && isTexts(item['path']) && typeof item['restrictive'] === 'boolean') &&
    Array.isArray(ancestors) &&
    ancestors.every((item) => isObject(item) && isText(item['type']) && typeof item['restrictive'] === 'boolean')
  )
}

/** Deeply frozen and without prototypes: a type or an attribute named `constructor` is data like any other. */
function bare<T>(json: T): T
function bare(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return Object.freeze(json.map((item: unknown) => bare(item)))
  const members: Record<string, unknown> = Object.create(null)
  for (const [name, member] of Object.entries(json)) members[name] = bare(member)
  return Object.freeze(members)
}

function malformed(reason: string, cause?: unknown): FeedError {
  return new FeedError('ERR_FEED_BUNDLE_FORMAT', `the bundle has ${reason}`, cause === undefined ? {} : { cause })
}
