// What Rego cannot say exactly is no Rego at all.

import type { Span } from '@cardea/policy'
import { OpaError } from '../errors.ts'

/** The error of a construct without an exact form, with its place. */
export function unsupported(
  message: string,
  { span }: { readonly span: Span },
  details: { hint?: string } = {},
): OpaError {
  return new OpaError('ERR_OPA_CONSTRUCT', message, { span, ...details })
}
