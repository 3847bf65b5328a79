// A bundle that `cardea bundle` built, read once at start.

import { readFile, stat } from 'node:fs/promises'
import { type BundleContent, parseBundle } from '@cardea/feed'
import { GuardError } from '../errors.ts'

/**
 * The bundle in the file; `undefined` when the path is not a file. Throws `ERR_GUARD_POLICY_FOLDER`, `ERR_GUARD_OPTIONS`,
 * `ERR_FEED_BUNDLE_VERSION`, `ERR_FEED_BUNDLE_FORMAT`.
 */
export async function loadPolicyBundle(path: string): Promise<BundleContent | undefined> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!isFile) return undefined
  const content = parseBundle(await read(path))
  // it has an end, and only who follows an authority gets the next one
  if (content.revision !== undefined) {
    throw new GuardError('ERR_GUARD_OPTIONS', `\`${path}\` is a bundle that an authority published`, {
      hint: 'name the `authority` instead, or build a bundle with `cardea bundle`',
    })
  }
  return content
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new GuardError('ERR_GUARD_POLICY_FOLDER', `the bundle \`${path}\` cannot be read`, { cause })
  }
}
