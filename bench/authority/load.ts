// The load: requests to a token endpoint over kept connections, so many under way at a time. Every answer is read whole and must
// hold a token.

import { Agent, request } from 'node:http'
import { basic, CLIENTS } from './world.ts'

export interface Target {
  readonly url: string
  readonly agent: Agent
}

export function createTarget(url: string, concurrency: number): Target {
  return { url: `${url}/token`, agent: new Agent({ keepAlive: true, maxSockets: concurrency }) }
}

/** Sends all forms; the nanoseconds from the first request to the last answer. */
export async function sendAll(target: Target, forms: readonly string[], concurrency: number): Promise<number> {
  let next = 0
  const started = process.hrtime.bigint()
  const worker = async (): Promise<void> => {
    for (let form = forms[next++]; form !== undefined; form = forms[next++]) await tokenFor(target, form)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return Number(process.hrtime.bigint() - started)
}

const AUTHORIZATION = basic(CLIENTS.web)

/** The access token that the answer holds. */
function tokenFor({ url, agent }: Target, form: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const headers = {
    authorization: AUTHORIZATION,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(form),
  }
  const sent = request(url, { method: 'POST', agent, headers }, (response) => {
    const parts: Buffer[] = []
    response.on('data', (part: Buffer) => parts.push(part))
    response.on('error', reject)
    response.on('end', () => {
      const text = Buffer.concat(parts).toString()
      const token = response.statusCode === 200 ? /"access_token":"([^"]+)"/.exec(text)?.[1] : undefined
      if (token === undefined) reject(new Error(`status ${response.statusCode}: ${text}`))
      else resolve(token)
    })
  })
  sent.on('error', reject)
  sent.end(form)
  return promise
}
