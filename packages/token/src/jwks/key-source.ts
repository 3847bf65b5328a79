// Where a verifier finds its keys.

import type { SignatureAlgorithm } from '../jws/algorithm.ts'
import type { VerificationKey } from '../key/verification-key.ts'

export interface KeySource {
  /**
   * The key that `kid` names now. The algorithm is what the header proposes; a source may use it to choose, and the
   * verifier compares it with the key's own in any case. Throws `TokenError` if it cannot know.
   */
  key(kid: string, algorithm: SignatureAlgorithm): Promise<VerificationKey | undefined> | VerificationKey | undefined
  /**
   * Another number than before as soon as a remembered key may be gone. INVARIANT: while it stays, every key that `key`
   * has given is still in the set. NaN says that this cannot be promised. A key that stays in the set stays the same object.
   */
  readonly generation: number
}
