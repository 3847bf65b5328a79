// From a bundle's content to a program, without parsing a policy.

import {
  compileProgram,
  createSchema,
  type Policy,
  PolicyError,
  type Program,
  type ProgramOptions,
  type Schema,
} from '@cardea/policy'
import { decodeProgram } from '@cardea/policy/encoding'
import { FeedError } from '../errors.ts'
import type { BundleContent, CompiledBundle } from './bundle.ts'

/** How conditions are compiled; closures by default, as in `compileProgram`. */
export type CompileBundleOptions = Pick<ProgramOptions, 'evaluator'>

/**
 * Decodes and compiles. The program has the bundle's own `forbidErrors`. Throws `ERR_FEED_BUNDLE_FORMAT` for a program or a schema
 * that is malformed, `ERR_FEED_BUNDLE_POLICY` for one that does not compile; the cause says where. Cost: linear.
 */
export function compileBundle<Content extends BundleContent>(
  content: Content,
  options: CompileBundleOptions = {},
): CompiledBundle<Content> {
  const schema = schemaOf(content)
  return Object.freeze({ content, program: programOf(content, schema, options), schema })
}

/** A schema is only looked at from outside when it is read: what is wrong inside shows when it is used. */
function schemaOf({ schema }: BundleContent): Schema {
  try {
    return createSchema(schema)
  } catch (cause) {
    const code = cause instanceof PolicyError ? 'ERR_FEED_BUNDLE_POLICY' : 'ERR_FEED_BUNDLE_FORMAT'
    throw new FeedError(code, 'the schema of the bundle cannot be used', { cause })
  }
}

function programOf(content: BundleContent, schema: Schema, { evaluator }: CompileBundleOptions): Program {
  const policies = decodeBundle(content)
  try {
    return compileProgram(policies, {
      schema,
      forbidErrors: content.forbidErrors,
      ...(evaluator === undefined ? {} : { evaluator }),
    })
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause
    throw new FeedError('ERR_FEED_BUNDLE_POLICY', cause.message, { cause })
  }
}

/** The policies of a bundle as they run. Throws `ERR_FEED_BUNDLE_FORMAT`. */
export function decodeBundle({ program, policies }: BundleContent): readonly Policy[] {
  try {
    return decodeProgram(program, policies)
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause
    throw new FeedError('ERR_FEED_BUNDLE_FORMAT', cause.message, { cause })
  }
}
