// Bodies and parameters, read within a bound. RFC 6749 section 3.2: a parameter that stands twice is an error.

import type { HttpBindings } from '@hono/node-server'
import type { AppContext } from './context.ts'
import { parseStrictJson } from '@cardea/token'
import type { z } from 'zod'
import { AuthorityError } from '../errors.ts'

/** Errors: `ERR_AUTHORITY_CONTENT_TYPE`, `ERR_AUTHORITY_REQUEST_TOO_LARGE`, `ERR_AUTHORITY_REQUEST`. */
export async function readJson<T>(context: AppContext, schema: z.ZodType<T>, maxBytes: number): Promise<T> {
  const bytes = await readJsonBytes(context, maxBytes)
  let json: unknown
  try {
    json = parseStrictJson(bytes, { maxBytes })
  } catch (cause) {
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', 'the body is not JSON', { cause })
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const place =
      issue === undefined || issue.path.length === 0 ? 'the body' : `\`${issue.path.map(String).join('.')}\``
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', `${place} is missing or has the wrong form`)
  }
  return parsed.data
}

/** The bytes of a body that says that it is JSON. Errors: `ERR_AUTHORITY_CONTENT_TYPE`, `ERR_AUTHORITY_REQUEST_TOO_LARGE`. */
export async function readJsonBytes(context: AppContext, maxBytes: number): Promise<Uint8Array> {
  checkContentType(context, 'application/json')
  return readBytes(context, maxBytes)
}

/** Errors: those of `readJson`, and `ERR_AUTHORITY_PARAMETER_REPEATED`. */
export async function readForm(context: AppContext, maxBytes: number): Promise<ReadonlyMap<string, string>> {
  checkContentType(context, 'application/x-www-form-urlencoded')
  const bytes = await readBytes(context, maxBytes)
  try {
    return uniqueParameters(new URLSearchParams(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (cause) {
    if (cause instanceof AuthorityError) throw cause
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', 'the body is not UTF-8', { cause })
  }
}

/** Errors: `ERR_AUTHORITY_PARAMETER_REPEATED`. */
export function readQuery(context: AppContext): ReadonlyMap<string, string> {
  return uniqueParameters(new URL(context.req.url).searchParams)
}

function uniqueParameters(parameters: URLSearchParams): ReadonlyMap<string, string> {
  const unique = new Map<string, string>()
  for (const [name, value] of parameters) {
    if (unique.has(name)) {
      throw new AuthorityError('ERR_AUTHORITY_PARAMETER_REPEATED', 'a parameter stands more than once')
    }
    // RFC 6749 section 3.2: a parameter without a value is treated as left out
    if (value !== '') unique.set(name, value)
  }
  return unique
}

function checkContentType(context: AppContext, wanted: string): void {
  const [type = '', ...parameters] = (context.req.header('content-type') ?? '').toLowerCase().split(';')
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='))
  if (type.trim() === wanted && (charset === undefined || charset.replaceAll('"', '') === 'charset=utf-8')) return
  throw new AuthorityError('ERR_AUTHORITY_CONTENT_TYPE', `the body must be \`${wanted}\` in UTF-8`)
}

async function readBytes(context: AppContext, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = (): AuthorityError =>
    new AuthorityError('ERR_AUTHORITY_REQUEST_TOO_LARGE', `the body is larger than ${maxBytes} bytes`)
  if (Number(context.req.header('content-length') ?? 0) > maxBytes) throw tooLarge()
  if (isCounted(context)) return new Uint8Array(await context.req.arrayBuffer())
  const stream = context.req.raw.body
  if (stream === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  // leaving the loop cancels the stream, so an endless body ends here
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Whether Node's own parser ends the body at the length that was checked. Reading it needs no stream then. */
function isCounted(context: AppContext): boolean {
  const bindings: Partial<HttpBindings> | undefined = context.env
  const headers = bindings?.incoming?.headers
  return headers?.['content-length'] !== undefined && headers['transfer-encoding'] === undefined
}
