// The body of a report out of its compression, within a bound: a few bytes can stand for gigabytes.

import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { OpaError } from '../errors.ts'

const unzip = promisify(gunzip)

export interface UnpackLimits {
  /** As it comes. */
  readonly packedBytes: number
  /** As it is read. */
  readonly bytes: number
}

/** Throws `ERR_OPA_REPORT_ENCODING` for anything but whole gzip, `ERR_OPA_REPORT_TOO_LARGE`. Nothing is made beyond the bounds. */
export async function unpackReport(
  packed: Uint8Array,
  contentEncoding: string | undefined,
  { packedBytes, bytes }: UnpackLimits,
): Promise<Uint8Array> {
  if (contentEncoding?.trim().toLowerCase() !== 'gzip') throw new OpaError('ERR_OPA_REPORT_ENCODING')
  if (packed.length > packedBytes) {
    throw new OpaError('ERR_OPA_REPORT_TOO_LARGE', `a report has more than ${packedBytes} compressed bytes`)
  }
  // to the stream of zlib no bytes are no error
  if (packed.length === 0) throw new OpaError('ERR_OPA_REPORT_ENCODING', 'a report has no body')
  try {
    // the stream of zlib ends as soon as it has made more
    return await unzip(packed, { maxOutputLength: bytes })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new OpaError('ERR_OPA_REPORT_TOO_LARGE', `a report has more than ${bytes} bytes`, { cause })
    }
    throw new OpaError('ERR_OPA_REPORT_ENCODING', undefined, { cause })
  }
}
