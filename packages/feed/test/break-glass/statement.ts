// A break-glass statement as an authority makes it, but for what is said.

import type { BreakGlass } from '../../src/index.ts'
import { AUDIENCE, NOON } from '../fixture.ts'

export const ISSUER = 'https://authority.example'

export function statementOf(changes: Partial<BreakGlass> = {}): BreakGlass {
  return {
    jti: 'glass-1',
    iss: ISSUER,
    aud: AUDIENCE,
    epoch: 'e1',
    iat: NOON,
    exp: NOON + 7200,
    maxStaleSeconds: 3600,
    killed: [],
    ...changes,
  }
}
