// Where a break-glass statement comes from: the running authority, over HTTP; or, while none runs, an authority that is started in this
// process for just this and listens nowhere.

import { access } from 'node:fs/promises'
import { type BreakGlassRequest, createAuthority, createSilentLog } from '@cardea/authority'
import { z } from 'zod'
import { connect } from '../authority-client.ts'
import { authorityOptions } from '../authority-options.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { isAddress } from '../config/store-address.ts'
import { CommandError } from '../errors.ts'
import { shortName } from '../sources.ts'

const answer = z.looseObject({ statement: z.string() })

/** The signed text. @throws CommandError ERR_COMMAND_AUTHORITY, ERR_COMMAND_CONFIG */
export async function issueOverHttp(loaded: LoadedConfig, request: BreakGlassRequest): Promise<string> {
  const authority = await connect(loaded)
  return (await authority.send(answer, 'POST', '/v1/break-glass', { body: request })).statement
}

/**
 * The same by whoever can open the database and its keys. On SQLite a running authority keeps this out.
 * @throws CommandError ERR_COMMAND_FILE, ERR_COMMAND_CONFIG; AuthorityError
 */
export async function issueLocally(loaded: LoadedConfig, request: BreakGlassRequest): Promise<string> {
  const options = await authorityOptions(loaded)
  await requireStore(options.store)
  // a start after a restore has begun its epoch already; to begin another would refuse every token
  const authority = await createAuthority({ ...options, restored: false, log: createSilentLog() })
  try {
    return (await authority.service.breakGlass(request)).signed
  } finally {
    await authority.close()
  }
}

/** A database that is made only now has other keys than those that guards have pinned. */
async function requireStore(store: string): Promise<void> {
  if (isAddress(store)) return
  await access(store).catch((cause: unknown) => {
    throw new CommandError('ERR_COMMAND_FILE', `there is no database \`${shortName(store)}\``, {
      hint: '--local needs the database of the authority: run it where that is, with its configuration',
      cause,
    })
  })
}
