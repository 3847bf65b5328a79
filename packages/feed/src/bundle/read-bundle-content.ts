// The form of a bundle's content. Whether schema and policies mean something is found when they are compiled.

import type { SchemaDefinition } from '@cardea/policy'
import { FeedError } from '../errors.ts'
import { isObject, isSeconds, isText, isTexts } from '../wire/json.ts'
import type { BundleContent, BundlePlan, BundleSource } from './bundle.ts'

/** Throws `ERR_FEED_BUNDLE_FORMAT`. */
export function readBundleContent(json: unknown): BundleContent {
  if (!isObject(json) || json['format'] !== 1) throw malformed('another format')
  const { revision, notAfterSeconds, forbidErrors, schema, policies, plans, digest } = json
  if (!isSeconds(revision) || revision < 1) throw malformed('no `revision`')
  if (!isSeconds(notAfterSeconds)) throw malformed('no end')
  if (forbidErrors !== 'deny' && forbidErrors !== 'skip') throw malformed('no `forbidErrors`')
  if (!isSchema(schema)) throw malformed('no schema')
  if (!Array.isArray(policies) || !policies.every(isSource)) throw malformed('no policies')
  if (!Array.isArray(plans) || plans.length === 0 || !plans.every(isPlan)) throw malformed('no plans')
  if (!isText(digest)) throw malformed('no digest')
  return Object.freeze({ format: 1, revision, notAfterSeconds, forbidErrors, schema, policies, plans, digest })
}

function isSource(json: unknown): json is BundleSource {
  return isObject(json) && isText(json['file']) && typeof json['text'] === 'string'
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

function malformed(reason: string): FeedError {
  return new FeedError('ERR_FEED_BUNDLE_FORMAT', `the bundle has ${reason}`)
}
