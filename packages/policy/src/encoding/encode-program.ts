// Policies to their encoding.

import type { Policy } from '../syntax/tree.ts'
import type { EncodedProgram, EncodedSource } from './encoded-program.ts'
import { writePolicy } from './policy-form.ts'
import { createWriter } from './writer.ts'

/**
 * Encodes policies, in the order given. `decodeProgram` with the same sources makes them again, exactly: every Long, every extension
 * value, every text. The same policies have the same encoding. Checks nothing of the policies themselves.
 * Error: `ERR_POLICY_ENCODING_DEPTH`; a policy of a file that is not among the sources is a `TypeError`. Cost: linear.
 */
export function encodeProgram(
  policies: readonly Policy[],
  sources: readonly Pick<EncodedSource, 'file'>[],
): EncodedProgram {
  const files = new Map(sources.map(({ file }, index) => [file, index]))
  const writer = createWriter()
  for (const policy of policies) {
    const index = files.get(policy.span.file)
    if (index === undefined)
      throw new TypeError(`policy \`${policy.id}\` is of \`${policy.span.file}\`, which is no source`)
    writePolicy(policy, index, writer)
  }
  return writer.finish()
}
