// Case files: policies, entities and requests with the decisions that Cedar makes. See README.md for the format.

import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'

/** One policy text with requests. Longs beyond 2^53 are `{ "__long": "..." }`, or digits that are read exactly. */
export interface Case {
  readonly id: string
  /** One or more policies and templates; their ids are `policy0`, `policy1`, ... in order of appearance. */
  readonly policy: string
  /** The JSON policy format of the one policy, of all in order, or by id. Absent: not checked. */
  readonly est?: unknown
  /** Schema text. Absent: entities and contexts are read by their explicit forms alone. */
  readonly schema?: string
  /** Cedar's entities file. Absent: none. */
  readonly entities?: unknown
  readonly links?: readonly CaseLink[]
  readonly requests: readonly CaseRequest[]
}

/** A template of the text with its slots filled. */
export interface CaseLink {
  readonly id: string
  readonly template: string
  readonly principal?: unknown
  readonly resource?: unknown
}

export interface CaseRequest {
  readonly principal: unknown
  readonly action: unknown
  readonly resource: unknown
  readonly context?: unknown
  readonly decision: 'allow' | 'deny'
  /** Ids of the policies that determine the decision, in any order. */
  readonly reason: readonly string[]
  /** Ids of the policies that err, in any order. */
  readonly errors: readonly string[]
}

/** A case file cannot be used; the message is one line. */
export class CaseFileError extends Error {
  override readonly name = 'CaseFileError'
}

/** Reads JSON lines, a list or a single case, gzipped or plain (told by content). Error: `CaseFileError`. */
export async function loadCases(path: string): Promise<readonly Case[]> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new CaseFileError(`cannot read ${path}: ${reasonOf(error)}`)
  })
  return parseCases(path, unzipped(path, bytes).toString('utf8')).map((item, index) => {
    if (!isCase(item)) throw new CaseFileError(`${path}: case ${index + 1}: ${faultOf(item)}`)
    return item
  })
}

function unzipped(path: string, bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes)
  } catch (error) {
    throw new CaseFileError(`${path} is no whole gzip file: ${reasonOf(error)}`)
  }
}

function parseCases(path: string, text: string): readonly unknown[] {
  const whole = tryParse(text)
  if (Array.isArray(whole)) return whole
  if (whole !== undefined) return [whole]
  return text
    .split('\n')
    .map((line, index) => [line.trim(), index + 1] as const)
    .filter(([line]) => line !== '')
    .map(([line, number]) => {
      const item = tryParse(line)
      if (item === undefined) throw new CaseFileError(`${path}:${number}: neither JSON nor a line of JSON`)
      return item
    })
}

function tryParse(text: string): unknown {
  try {
    // the reviver costs, and only long numbers need it
    return /\d{16}/.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A number that lost digits becomes the `bigint` that its text says. */
function exactNumber(this: unknown, _: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value
  return /^-?\d+$/.test(source) ? BigInt(source) : value
}

function isCase(item: unknown): item is Case {
  return faultOf(item) === undefined
}

/** What keeps the JSON from being a case, or nothing. */
function faultOf(item: unknown): string | undefined {
  if (!isObject(item)) return 'a case must be an object'
  const { id, policy, schema, requests, links } = item
  if (typeof id !== 'string') return '`id` must be a text'
  if (typeof policy !== 'string') return '`policy` must be a text'
  if (schema !== undefined && typeof schema !== 'string') return '`schema` must be a text'
  if (links !== undefined && !Array.isArray(links)) return '`links` must be a list'
  if (!Array.isArray(requests)) return '`requests` must be a list'
  const wrong = requests.findIndex((request: unknown) => !isRequest(request))
  return wrong === -1 ? undefined : `request ${wrong + 1} lacks a decision, a list \`reason\` or a list \`errors\``
}

function isRequest(request: unknown): boolean {
  if (!isObject(request)) return false
  const { decision, reason, errors } = request
  return (decision === 'allow' || decision === 'deny') && isTextList(reason) && isTextList(errors)
}

function isObject(json: unknown): json is { readonly [name: string]: unknown } {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function isTextList(json: unknown): boolean {
  return Array.isArray(json) && json.every((item) => typeof item === 'string')
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'no such file'
  if (code === 'EISDIR') return 'it is a folder'
  return error instanceof Error ? error.message : String(error)
}
