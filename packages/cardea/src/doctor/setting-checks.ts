// Settings that work and are probably not what was meant.

import type { Settings } from '@cardea/authority'
import { formatDuration } from '../output/duration.ts'
import { type Check, warn } from './check.ts'

/** A token that is bound to nothing is whoever's has it; beyond this it is theirs for long. */
const LONG_UNBOUND_SECONDS = 900

export function* settingChecks(settings: Settings, environment: NodeJS.ProcessEnv): Generator<Check> {
  for (const { id, dpopRequired, tokenSeconds } of settings.audiences) {
    if (dpopRequired || tokenSeconds <= LONG_UNBOUND_SECONDS) continue
    yield warn(`audience ${id}`, {
      code: 'ERR_COMMAND_SETTING',
      message: `its tokens live ${formatDuration(tokenSeconds)} and need no DPoP key: a copied one is good for as long`,
      hint: '`dpopRequired: true`, or a shorter `tokenSeconds`',
    })
  }
  const guarded = new Set(
    settings.clients.filter(({ roles }) => roles.includes('guard')).flatMap(({ audiences }) => audiences),
  )
  for (const { id } of settings.audiences) {
    if (guarded.has(id)) continue
    yield warn(`audience ${id}`, {
      code: 'ERR_COMMAND_SETTING',
      message: 'no configured client follows it as a guard',
      hint: "give a client `roles: ['guard']` and this audience, unless one was enrolled by the API",
    })
  }
  const proxy = ['HTTPS_PROXY', 'https_proxy'].find((name) => environment[name] !== undefined)
  if (proxy !== undefined && environment['NODE_USE_ENV_PROXY'] !== '1') {
    yield warn('network', {
      code: 'ERR_COMMAND_SETTING',
      message: `${proxy} is set, and Node does not use it`,
      hint: 'set NODE_USE_ENV_PROXY=1 for the services too, or unset it',
    })
  }
}
