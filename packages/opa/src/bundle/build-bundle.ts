// From content to the bytes that OPA downloads: files, their signature, a tar archive, gzip. Times, owners and modes in the archive are
// fixed, so it differs by its content and by the random number of its signature alone.

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { SigningKey } from '@cardea/token'
import { packTar } from 'modern-tar'
import { type OpaBundleContent, type OpaFile, opaBundleFiles } from './bundle-files.ts'
import { signOpaFiles } from './sign-files.ts'

export interface OpaBundle {
  /** A gzipped tar archive. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** SHA-256 of what is signed, base64url: equal for equal content, scope and key, wherever it was built. */
  readonly digest: string
  readonly revision: string
}

export interface BuildOpaBundleOptions {
  readonly key: SigningKey
  /** What it is for: an OPA takes it only where its configuration says the same. */
  readonly scope: string
}

/** Throws `ERR_OPA_BUNDLE_CONTENT`, `ERR_OPA_BUNDLE_KEY`, and what the key throws. Cost: linear in the content. */
export async function buildOpaBundle(
  content: OpaBundleContent,
  { key, scope }: BuildOpaBundleOptions,
): Promise<OpaBundle> {
  const files = opaBundleFiles(content)
  const { file, digest } = await signOpaFiles(files, key, scope)
  return { bytes: await packOpaFiles([...files, file]), digest, revision: content.revision }
}

/** In the order given. */
export async function packOpaFiles(files: readonly OpaFile[]): Promise<Uint8Array<ArrayBuffer>> {
  const archive = await packTar(
    files.map(({ name, bytes }) => ({
      header: { name, size: bytes.length, type: 'file', mode: 0o644, mtime: EPOCH, uid: 0, gid: 0 },
      body: bytes,
    })),
  )
  return compress(archive)
}

const EPOCH = new Date(0)
const compress = promisify(gzip)
