// The gate at the first header byte. Frameworks, streams, server-sent events and hijacked replies all end in the same few methods
// of Node's response; here they are held until the answer may go out. After that they are the response's own again.
// INVARIANT: no byte of a withheld answer reaches the socket, not even its headers.

import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export interface RawGateHooks {
  /** Asked at the first byte. `status` is the one that would be sent. Once yes, the answer is released. */
  readonly mayPass: (status: number) => boolean
  /** Asked for what runs ahead of the answer (RFC 9110 section 15.2); it releases nothing else. */
  readonly mayInform: () => boolean
  /** Called once, when the answer is withheld: the answer that goes out in its place. */
  readonly withhold: () => RawAnswer
  /** Called when the answer was released and comes in pieces. */
  readonly onStream: () => void
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The methods through which a byte can leave, and what each answers when nothing left. */
const METHODS = {
  writeHead: (response: ServerResponse) => response,
  write: () => false,
  end: (response: ServerResponse) => response,
  flushHeaders: () => undefined,
  writeEarlyHints: () => undefined,
  /** Node 25 and later. */
  writeInformation: () => undefined,
} as const

type Method = keyof typeof METHODS
const NAMES: readonly Method[] = ['writeHead', 'write', 'end', 'flushHeaders', 'writeEarlyHints', 'writeInformation']
const isInformation = (method: Method): boolean => method === 'writeEarlyHints' || method === 'writeInformation'

/** Holds a response until its first byte, then judges once. Call it once per response. */
export function gateResponse(response: ServerResponse, hooks: RawGateHooks): void {
  const own = new Map<Method, unknown>()
  for (const method of NAMES) if (method in response) own.set(method, Reflect.get(response, method))
  hold((method, parameters) => {
    if (isInformation(method)) return hooks.mayInform() ? call(method, parameters) : undefined
    const status = method === 'writeHead' ? Number(parameters[0]) : response.statusCode
    if (hooks.mayPass(status)) {
      letGo()
      if (method === 'writeHead') awaitPieces()
      else if (method !== 'end') hooks.onStream()
      return call(method, parameters)
    }
    letGo()
    send(response, hooks.withhold())
    hold((name) => METHODS[name](response))
    return METHODS[method](response)
  })

  function hold(judge: (method: Method, parameters: readonly unknown[]) => unknown): void {
    for (const method of own.keys()) {
      Reflect.set(response, method, (...parameters: unknown[]): unknown => judge(method, parameters))
    }
  }

  /** After a head by itself: an answer that is not simply ended comes in pieces. */
  function awaitPieces(): void {
    for (const method of ['write', 'flushHeaders'] as const) {
      Reflect.set(response, method, (...parameters: unknown[]): unknown => {
        letGo()
        hooks.onStream()
        return call(method, parameters)
      })
    }
  }

  /** Sets them back; deleting them would make every later access to the response a slow one. */
  function letGo(): void {
    for (const [method, value] of own) Reflect.set(response, method, value)
  }

  function call(method: Method, parameters: readonly unknown[]): unknown {
    const value: unknown = own.get(method)
    return typeof value === 'function' ? Reflect.apply(value, response, parameters) : undefined
  }
}

/** Sends an answer in place of another, without anything that the other had set. */
function send(response: ServerResponse, { status, headers, body }: RawAnswer): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  response.statusCode = status
  // HTTP/2 has no reason phrase, and warns when one is set
  if (response.statusMessage !== '') response.statusMessage = ''
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.setHeader('content-length', Buffer.byteLength(body))
  response.end(body)
}

/**
 * The same for a connection that is about to be upgraded: whoever takes it over writes to the socket itself. Without an allow
 * before the first byte the connection is cut. Call what it returns when the response is over and the socket goes on without it.
 */
export function gateSocket(socket: Duplex, mayPass: () => boolean, onCut: () => void): () => void {
  const release = (): void => {
    Reflect.deleteProperty(socket, 'write')
    Reflect.deleteProperty(socket, 'end')
  }
  for (const method of ['write', 'end'] as const) {
    const value = (...parameters: unknown[]): unknown => {
      release()
      if (mayPass()) return Reflect.apply(socket[method], socket, parameters)
      onCut()
      socket.destroy()
      return method === 'write' ? false : socket
    }
    Object.defineProperty(socket, method, { configurable: true, writable: true, value })
  }
  return release
}
