// Checkpoint one of actions that another decides: the policies close it where they have a say, and nobody else is asked.

import { describe, expect, test } from 'vitest'
import type { DeciderMode } from '../../src/index.ts'
import { ALLOW, deciderOf, worldOf } from '../support/deciders.ts'
import { ANN, thrownBy } from '../support/world.ts'

describe('checkpoint one', () => {
  test.each<[DeciderMode, boolean]>([
    ['alone', true],
    ['together', false],
  ])('%s: what the policies never allow passes: %s', async (mode, passes) => {
    // nobody but an owner deletes, and a second factor is missing
    const decider = deciderOf(() => ALLOW)
    const { raw } = await worldOf({ delete: { decider, mode } }, ANN)
    const error = await thrownBy(() => {
      raw.checkRoute(['delete'])
      throw new Error('passed')
    })
    expect(String(error).includes('passed')).toBe(passes)
    expect(decider.asked).toEqual([])
  })
})
