// Secrets of development: made at the start for whatever the configuration names and the environment lacks, kept beside the store for
// the owner only, so that the app and the other commands find them.

import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type SecretSource, secretsFrom } from '../authority-options.ts'
import { DEV_CREDENTIALS, type DevCredentials } from '../credentials.ts'

export interface DevSecrets {
  readonly source: SecretSource
  /** The administrator of this run. */
  readonly admin: Omit<DevCredentials, 'url'>
  /** Writes `.cardea/dev.env` and the administrator's file, mode 0600. */
  store(authorityUrl: string): Promise<void>
}

export function createDevSecrets(folder: string): DevSecrets {
  const made = new Map<string, string>()
  const real = secretsFrom(folder)
  const admin = { id: 'development-admin', secret: secret(), signIn: secret() }
  return {
    admin,
    async source(reference, what) {
      if (!('env' in reference) || process.env[reference.env] !== undefined) return real(reference, what)
      const value = made.get(reference.env) ?? secret()
      made.set(reference.env, value)
      return value
    },
    async store(authorityUrl) {
      const lines = [['NODE_ENV', 'development'], ['CARDEA_AUTHORITY_URL', authorityUrl], ...made].map(
        ([name, value]) => `${name}=${value}\n`,
      )
      await writeOwnerOnly(join(folder, '.cardea', 'dev.env'), lines.join(''))
      const found: DevCredentials = { ...admin, url: authorityUrl }
      await writeOwnerOnly(join(folder, DEV_CREDENTIALS), `${JSON.stringify(found)}\n`)
    },
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}

async function writeOwnerOnly(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  // the mode is for a new file only: one that is there might be open to everybody, or a link to elsewhere
  await rm(file, { force: true })
  await writeFile(file, text, { mode: 0o600, flag: 'wx' })
}
