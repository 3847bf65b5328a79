// Private keys at rest: AES-256-GCM with a random 96-bit nonce. The key's id and purpose are authenticated with it, so a
// ciphertext moved to another row does not open. Earlier encryption keys open, and never seal.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { AuthorityError } from '../errors.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32

/** Seals texts with one key, and opens them with that or an earlier one. It shows none of them. */
export interface Sealer {
  seal(text: string, context: string): string
  /** Errors: `ERR_AUTHORITY_KEY_SEALED`. */
  open(sealed: string, context: string): string
  /** Whether the key that seals now opens it. */
  isCurrent(sealed: string, context: string): boolean
}

/** Errors: `ERR_AUTHORITY_CONFIG` when a key is not 32 bytes in base64 or base64url. */
export function createSealer(key: string, previousKeys: readonly string[] = []): Sealer {
  const present = readKey(key, 'key')
  const all = [present, ...previousKeys.map((previous, at) => readKey(previous, `previousKeys.${at}`))]
  return {
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', present, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(context))
      const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return Buffer.concat(sealed).toString('base64url')
    },
    open(sealed, context) {
      let cause: unknown
      for (const bytes of all) {
        try {
          return openWith(bytes, sealed, context)
        } catch (error) {
          cause ??= error
        }
      }
      throw new AuthorityError('ERR_AUTHORITY_KEY_SEALED', undefined, {
        hint: 'start the authority with the encryption key that this database was made with, as `key` or among `previousKeys`',
        cause,
      })
    },
    isCurrent(sealed, context) {
      try {
        openWith(present, sealed, context)
        return true
      } catch {
        return false
      }
    },
  }
}

function readKey(key: string, option: string): Buffer {
  const bytes = Buffer.from(key, 'base64url')
  if (bytes.length === KEY_BYTES && /^[A-Za-z0-9+/_-]{43}=?$/.test(key)) return bytes
  throw new AuthorityError('ERR_AUTHORITY_CONFIG', `\`${option}\` must be 32 bytes in base64`)
}

function openWith(key: Buffer, sealed: string, context: string): string {
  const all = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, all.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(all.subarray(-TAG_BYTES))
  return decipher.update(all.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
}

/** The development key beside a store: made once, readable by its owner only. A store in memory gets one that is forgotten. */
export function loadDevelopmentKey(store: string): string {
  const fresh = randomBytes(KEY_BYTES).toString('base64url')
  if (store === ':memory:') return fresh
  const path = `${store}.key`
  mkdirSync(dirname(path), { recursive: true })
  try {
    writeFileSync(path, fresh, { mode: 0o600, flag: 'wx' })
    return fresh
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    return readFileSync(path, 'utf8').trim()
  }
}
