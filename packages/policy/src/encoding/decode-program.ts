// From an encoding back to policies, without parsing a text. Whatever is given, the result is policies that the stages behind may
// walk, or a `PolicyError`.

import { PolicyError } from '../errors.ts'
import type { Policy } from '../syntax/tree.ts'
import { type EncodedProgram, type EncodedSource, ENCODING_VERSION } from './encoded-program.ts'
import { readPolicy } from './policy-form.ts'
import { createReader } from './reader.ts'

/**
 * Makes policies of what `encodeProgram` made. Guarantees the form: known kinds, names that are names, Longs of 64 bits, limited
 * depth, spans within their texts. Does not check that the trees say what the texts say, nor ids (`compileProgram` does that).
 * Errors: `ERR_POLICY_ENCODING_VERSION`, `ERR_POLICY_ENCODING_KIND`, `ERR_POLICY_ENCODING_SPAN`, `ERR_POLICY_ENCODING_DEPTH`, and
 * `ERR_POLICY_ENCODING` for all else; never another. Cost: linear.
 */
export function decodeProgram(encoded: unknown, sources: readonly EncodedSource[]): readonly Policy[] {
  const reader = createReader(checkForm(encoded), sources)
  const policies: Policy[] = []
  while (!reader.ended) policies.push(readPolicy(reader))
  return policies
}

function checkForm(encoded: unknown): Pick<EncodedProgram, 'texts' | 'entities' | 'policies'> {
  if (!isObject(encoded)) throw malformed('are no object')
  const { version, texts, entities, policies, ...rest } = encoded
  if (version !== ENCODING_VERSION) {
    throw new PolicyError('ERR_POLICY_ENCODING_VERSION', 'the encoded policies have another version', {
      hint: `this release reads version ${ENCODING_VERSION}`,
    })
  }
  if (!isTexts(texts)) throw malformed('have no `texts`')
  if (!isIntegers(entities)) throw malformed('have no `entities`')
  if (!isIntegers(policies)) throw malformed('have no `policies`')
  if (Object.keys(rest).length > 0) throw malformed('have more than their members')
  return { texts, entities, policies }
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isIntegers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item))
}

function malformed(reason: string): PolicyError {
  return new PolicyError('ERR_POLICY_ENCODING', `the encoded policies ${reason}`)
}
