// What a guard of a test says of itself.

import type { Applied } from '@cardea/feed'

export function appliedOf(changes: Partial<Applied> = {}): Applied {
  return {
    start: 'start-1',
    startedAtSeconds: 1_800_000_000,
    position: { epoch: 'e1', seq: 9 },
    revision: 1,
    ageSeconds: 1,
    checkpoint: undefined,
    ...changes,
  }
}
