// The options that both sources hand on: to the verifier, and to the reading of principals.

import type { VerifierOptions } from '@cardea/token'
import type { GuardOptions } from '../options.ts'

type Handed = Pick<
  VerifierOptions,
  'audience' | 'algorithms' | 'type' | 'maxTokenBytes' | 'maxLifetimeSeconds' | 'clockToleranceSeconds' | 'cacheSize'
>

export function verifierOptions(options: GuardOptions): Handed {
  const { audience, algorithms, tokenType, maxTokenBytes, maxLifetimeSeconds, clockToleranceSeconds, cacheSize } =
    options
  return {
    audience,
    ...(algorithms === undefined ? {} : { algorithms }),
    ...(tokenType === undefined ? {} : { type: tokenType }),
    ...(maxTokenBytes === undefined ? {} : { maxTokenBytes }),
    ...(maxLifetimeSeconds === undefined ? {} : { maxLifetimeSeconds }),
    ...(clockToleranceSeconds === undefined ? {} : { clockToleranceSeconds }),
    ...(cacheSize === undefined ? {} : { cacheSize }),
  }
}

/** The entity types of principals, as `readPrincipal` takes them. */
export function principalTypes({ principalType, clientType }: GuardOptions): {
  readonly principalType?: string
  readonly clientType?: string
} {
  return {
    ...(principalType === undefined ? {} : { principalType }),
    ...(clientType === undefined ? {} : { clientType }),
  }
}
