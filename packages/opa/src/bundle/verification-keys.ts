// The keys of bundles as OPA's configuration has them: by id, in PEM, each for one algorithm.

import { createPublicKey } from 'node:crypto'
import type { JsonWebKeySet } from '@cardea/token'
import { OpaError } from '../errors.ts'
import type { OpaObject } from './opa-json.ts'
import { isOpaAlgorithm } from './sign-files.ts'

/** Throws `ERR_OPA_BUNDLE_KEY` when none of them is of an algorithm that OPA verifies bundles by; the others are left out. */
export function opaVerificationKeys({ keys }: JsonWebKeySet): OpaObject {
  const usable = keys.flatMap(({ kid, alg, kty, crv, x, y, n, e }) => {
    if (typeof kid !== 'string' || typeof alg !== 'string' || !isOpaAlgorithm(alg)) return []
    const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, member]) => member !== undefined)
    const key = createPublicKey({ key: Object.fromEntries(members), format: 'jwk' })
    return [[kid, { algorithm: alg, key: key.export({ type: 'spki', format: 'pem' }) }] as const]
  })
  if (usable.length === 0) throw new OpaError('ERR_OPA_BUNDLE_KEY', 'no key is of an algorithm that OPA verifies')
  return Object.fromEntries(usable)
}
