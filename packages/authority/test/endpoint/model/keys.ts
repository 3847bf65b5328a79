// Commands: another key signs, and a key is killed, the one that signs or one from before.

import { expect } from 'vitest'
import { bodyOf } from '../../fixture.ts'
import { pick } from './model.ts'
import type { Command } from './real.ts'
import { revokeIn } from './rules.ts'
import { see } from './seen.ts'

export function rotate(): Command {
  return {
    check: () => true,
    toString: () => 'another key signs, now',
    async run(model, { world }) {
      model.activeKey = (await world.authority.service.rotateKeys('access', { now: true })).active
      see('rotated')
    },
  }
}

/** The key of one of the last tokens. */
export function kill(seed: number): Command {
  return {
    check: ({ accessTokens }) => accessTokens.length > 0,
    toString: () => `kill the key of access token ${seed} from the last`,
    async run(model, { world }) {
      const { keyId, claims } = pick(model.accessTokens.toReversed(), seed) ?? {}
      // one that signs no more is forgotten some time after its last token
      const isOld = claims === undefined || model.latest - claims.iat > 300
      if (keyId === undefined || isOld || model.killed.has(keyId)) return
      const response = await world.api('admin', 'POST', `/v1/keys/${keyId}/kill`, {})
      expect(response.status).toBe(200)
      model.activeKey = String((await bodyOf(response))['active'])
      see('killed')
      revokeIn(model, { kind: 'key', keyId }, world.clock.seconds)
    },
  }
}
