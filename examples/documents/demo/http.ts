// One HTTP request over a real socket, timed. `host` chooses the tenant's address, `from` is what the trusted proxy would say.

import { type IncomingMessage, request } from 'node:http'

export interface Call {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly milliseconds: number
}

/** Sends the request and reads the whole answer. */
export async function send(call: Call): Promise<Answer> {
  const started = performance.now()
  const response = await open(call)
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(chunks).toString('utf8'),
    milliseconds: performance.now() - started,
  }
}

/** Sends the request and returns the answer as soon as its header is there, to be read as a stream. */
export function open({ method, url, headers = {}, body }: Call): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** The answer's JSON, or `undefined` when it is none. */
export function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.text)
  } catch {
    return undefined
  }
}
