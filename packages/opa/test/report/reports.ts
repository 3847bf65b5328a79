// Decision logs and tokens as tests need them.

import { gzipSync } from 'node:zlib'
import { readDecisionLog, type DecisionLogOptions, type OpaRecord } from '../../src/index.ts'

export const NOW = 1_800_000_000

const part = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString('base64url')

/** A JWT by its looks. */
export const TOKEN = `${part({ alg: 'ES256', typ: 'at+jwt' })}.${part({ sub: 'ann', roles: ['admin'] })}.c2lnbmF0dXJl`

/** An event as an OPA says it. */
export function event(changes: object = {}): object {
  return {
    labels: { id: 'opa-1', version: '1.22.2' },
    decision_id: '1dbed80a-bdea-4a86-b208-e88d1a0d49c2',
    path: 'cardea/authz/decision',
    timestamp: '2026-11-26T18:21:15.728269657Z',
    metrics: { timer_rego_query_eval_ns: 50_144 },
    ...changes,
  }
}

export const packed = (body: unknown): Uint8Array =>
  gzipSync(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body))

export async function read(body: unknown, options: Partial<DecisionLogOptions> = {}): Promise<readonly OpaRecord[]> {
  const events = await readDecisionLog(packed(body), { contentEncoding: 'gzip', nowSeconds: NOW, ...options })
  return events.map(({ record }) => record)
}
