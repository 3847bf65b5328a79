// Who this command is to an authority: the client of the environment, or the administrator that a `cardea dev` left in this folder.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { CommandError } from './errors.ts'

export interface ClientCredentials {
  readonly id: string
  readonly secret: string
}

/** What `cardea dev` leaves for the other commands. */
export interface DevCredentials extends ClientCredentials {
  /** Lets `cardea token --as` sign test users in. */
  readonly signIn: string
  /** Of the authority that `cardea dev` runs. */
  readonly url: string
}

/** Where `cardea dev` leaves the credentials of its administrator, readable by the owner only. */
export const DEV_CREDENTIALS = join('.cardea', 'admin.json')

const devCredentials = z.object({ id: z.string(), secret: z.string(), signIn: z.string(), url: z.string() })

/** The client's id and secret for the authority at `url`. @throws CommandError ERR_COMMAND_CONFIG, ERR_COMMAND_FILE */
export async function loadCredentials(folder: string, url: string): Promise<ClientCredentials> {
  const id = process.env['CARDEA_CLIENT_ID']
  const secretFile = process.env['CARDEA_CLIENT_SECRET_FILE']
  const secret =
    process.env['CARDEA_CLIENT_SECRET'] ?? (secretFile === undefined ? undefined : await readSecret(secretFile))
  if (id !== undefined && secret !== undefined) return { id, secret }
  if (id !== undefined || secret !== undefined) {
    const missing = id === undefined ? 'CARDEA_CLIENT_ID' : 'CARDEA_CLIENT_SECRET (or CARDEA_CLIENT_SECRET_FILE)'
    throw new CommandError('ERR_COMMAND_CONFIG', 'the credentials for the authority are incomplete', {
      hint: `set ${missing}`,
    })
  }
  const dev = await loadDevCredentials(folder)
  if (dev?.url === url) return dev
  throw new CommandError('ERR_COMMAND_CONFIG', `there are no credentials for the authority at ${url}`, {
    hint:
      dev !== undefined
        ? `the \`cardea dev\` of this folder is at ${dev.url}: set CARDEA_AUTHORITY_URL to that`
        : 'set CARDEA_CLIENT_ID and CARDEA_CLIENT_SECRET (or CARDEA_CLIENT_SECRET_FILE), or run `cardea dev` in this folder',
  })
}

/** What a `cardea dev` in this folder left; `undefined` when there is none. @throws CommandError ERR_COMMAND_FILE */
export async function loadDevCredentials(folder: string): Promise<DevCredentials | undefined> {
  const text = await readFile(join(folder, DEV_CREDENTIALS), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const parsed = devCredentials.safeParse(asJson(text))
  if (parsed.success) return parsed.data
  throw new CommandError('ERR_COMMAND_FILE', `\`${DEV_CREDENTIALS}\` is not what \`cardea dev\` wrote`, {
    hint: 'remove it and start `cardea dev` again',
  })
}

async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw new CommandError('ERR_COMMAND_FILE', `the secret file \`${file}\` cannot be read`, { cause })
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // the engine's message would quote a secret
    return undefined
  }
}
