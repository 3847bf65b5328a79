// Faults in operators.

import type { Fault } from '../fault.ts'

export const OPERATOR_FAULTS: readonly Fault[] = [
  {
    name: 'not-keeps',
    file: 'packages/policy/src/operator/not.ts',
    find: 'return !value',
    replace: 'return value',
    breaks: '`!` does not negate',
  },
  {
    name: 'long-overflow',
    file: 'packages/policy/src/value/long.ts',
    find: 'return fitsLong(integer) ? canonical(integer) : undefined',
    replace: 'return canonical(integer)',
    breaks: 'overflow is not an error',
  },
]
