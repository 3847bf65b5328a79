// A bundle in a file: built, or signed as the authority answers it. Nothing of a signed one is believed here.

import { readFile } from 'node:fs/promises'
import { type BundleContent, parseBundle } from '@cardea/feed'
import { CommandError } from '../errors.ts'
import { parseJson } from '../input/parse-json.ts'
import { shortName } from '../sources.ts'

export interface BundleFile {
  readonly name: string
  readonly bytes: Uint8Array
  readonly content: BundleContent
  /** There when it is signed. */
  readonly signed: SignedBundle | undefined
}

export interface SignedBundle {
  readonly text: string
  /** As the header says, which nobody has verified. */
  readonly keyId: string | undefined
}

/** @throws CommandError ERR_COMMAND_INPUT for a signed text that is none; FeedError ERR_FEED_BUNDLE_VERSION, ERR_FEED_BUNDLE_FORMAT */
export async function loadBundleFile(path: string): Promise<BundleFile> {
  const bytes = await readFile(path)
  const name = shortName(path)
  if (!bytes.subarray(0, 3).equals(JWS)) return { name, bytes, content: parseBundle(bytes), signed: undefined }
  const text = bytes.toString('latin1').trim()
  const [header = '', payload = '', signature, ...more] = text.split('.')
  if (signature === undefined || more.length > 0) {
    throw new CommandError('ERR_COMMAND_INPUT', `\`${name}\` begins like a signed bundle and is none`, {
      hint: 'a signed bundle has three parts with a point between them',
    })
  }
  const content = parseBundle(Buffer.from(payload, 'base64url'))
  return { name, bytes, content, signed: { text, keyId: keyIdOf(header) } }
}

/** `{"` in base64url. */
const JWS = Buffer.from('eyJ')

function keyIdOf(header: string): string | undefined {
  const json = parseJson(Buffer.from(header, 'base64url').toString())
  const kid: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'kid') : undefined
  return typeof kid === 'string' ? kid : undefined
}
