// The load: requests to a token endpoint over kept connections, so many under way at a time. Every answer is read whole and must
// hold a token.

import { Agent, request } from 'node:http'
import type { Form } from './forms.ts'

export interface Target {
  readonly url: string
  readonly agent: Agent
}

export function createTarget(url: string, concurrency: number): Target {
  return { url: `${url}/token`, agent: new Agent({ keepAlive: true, maxSockets: concurrency }) }
}

/** Sends all forms; the nanoseconds from the first request to the last answer. */
export async function sendAll(target: Target, forms: readonly Form[], concurrency: number): Promise<number> {
  let next = 0
  const started = process.hrtime.bigint()
  const worker = async (): Promise<void> => {
    for (let form = forms[next++]; form !== undefined; form = forms[next++]) await answerTo(target, form, ACCESS)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return Number(process.hrtime.bigint() - started)
}

const ACCESS = /"access_token":"([^"]+)"/
const REFRESH = /"refresh_token":"([^"]+)"/

/** The access token that a form is answered with. */
export function accessToken(target: Target, form: Form): Promise<string> {
  return answerTo(target, form, ACCESS)
}

/** The refresh tokens that the forms are answered with, in their order. */
export async function refreshTokens(target: Target, forms: readonly Form[]): Promise<readonly string[]> {
  return Promise.all(forms.map((form) => answerTo(target, form, REFRESH)))
}

/** The token that the answer holds under that name. */
function answerTo({ url, agent }: Target, { authorization, body }: Form, member: RegExp): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const headers = {
    authorization,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
  }
  const sent = request(url, { method: 'POST', agent, headers }, (response) => {
    const parts: Buffer[] = []
    response.on('data', (part: Buffer) => parts.push(part))
    response.on('error', reject)
    response.on('end', () => {
      const text = Buffer.concat(parts).toString()
      const token = response.statusCode === 200 ? member.exec(text)?.[1] : undefined
      if (token === undefined) reject(new Error(`status ${response.statusCode}, and no token that was asked for`))
      else resolve(token)
    })
  })
  sent.on('error', reject)
  sent.end(body)
  return promise
}
