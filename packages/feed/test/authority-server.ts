// The authority's side of the wire, in memory, behind an injected `fetch`. It keeps to the protocol unless a test makes it
// misbehave.

import { type JsonWebKeySet, publicJwk } from '@cardea/token'
import {
  type BundleAddress,
  type BundleParts,
  bundleDigest,
  createSubjectNames,
  type DecisionRecord,
  type FeedView,
  hideSubject,
  type Position,
  type Revocation,
  type RevocationKey,
  signBundle,
} from '../src/index.ts'
import { bundleKey, contentOf, tokenKey, VIEW } from './fixture.ts'

export const URL_OF_AUTHORITY = 'https://authority.example/base'

export interface TestAuthority {
  readonly fetch: typeof globalThis.fetch
  /** `down`: refused at once. `silent`: nothing ever comes back. */
  network: 'up' | 'down' | 'silent'
  /** Streams open and stay silent: a proxy that buffers. */
  isBuffering: boolean
  /** What bearer tokens are taken. */
  credentials: string
  /** Changes an answer before it is sent. */
  tamper: ((path: string, body: string) => string) | undefined
  /** Requests by the last part of their path. */
  readonly counts: Map<string, number>
  readonly openStreams: number
  position(): Position
  /** What this guard sees; people are named by its key. */
  view: FeedView
  revoke(key: RevocationKey): Revocation
  publish(changes?: Partial<BundleParts>, signed?: string): Promise<BundleAddress>
  rotateKeys(keys: JsonWebKeySet): void
  /** A change that is not in this guard's view. */
  changeElsewhere(): void
  /** The database was restored: numbers begin anew. */
  restore(epoch: string, seq?: number, streams?: 'end' | 'stay silent'): void
  /** The database lost its tail, and nobody said so. */
  rewind(seq: number): void
  /** Ends every open stream. */
  endStreams(): void
  /** Writes to every open stream as it is. */
  write(text: string): void
  /** Adds an event without sending it: its sender lost it. */
  loseNext: boolean
  readonly records: DecisionRecord[]
  /** The status that the next posts get; 202 when it is empty. */
  readonly refusals: number[]
  /** A record that it refuses, and its batch with it. */
  minds: (record: DecisionRecord) => boolean
}

interface View {
  readonly seq: number
  readonly kind: string
  readonly data: object
}

export function createTestAuthority(now: () => number): TestAuthority {
  const encoder = new TextEncoder()
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>()
  const bundles = new Map<string, string>()
  let epoch = 'e1'
  let seq = 0
  let view: View[] = []
  let jwks: JsonWebKeySet = { keys: [publicJwk(tokenKey)] }
  let bundle: BundleAddress | undefined
  const revocations: Revocation[] = []
  const names = createSubjectNames(() => server.view.subjectKey)

  const server: TestAuthority = {
    network: 'up',
    view: VIEW,
    isBuffering: false,
    credentials: 'guard-token',
    tamper: undefined,
    minds: () => false,
    counts: new Map(),
    records: [],
    refusals: [],
    loseNext: false,
    get openStreams() {
      return streams.size
    },
    position: () => ({ epoch, seq }),
    revoke(key) {
      const revocation = {
        key,
        at: { epoch, seq: seq + 1 },
        revokedAtSeconds: now(),
        expiresAtSeconds: now() + 300,
      }
      const hidden = { ...revocation, key: hideSubject(key, names) }
      revocations.push(hidden)
      append('revocation', { revocation: hidden })
      return revocation
    },
    async publish(changes = {}, signed) {
      const content = contentOf(changes)
      const text = signed ?? (await signBundle(content, bundleKey))
      bundle = { revision: content.revision, digest: bundleDigest(text) }
      bundles.set(bundle.digest, text)
      append('bundle', { bundle: { ...bundle, url: 'https://elsewhere.example/never-asked' } })
      return bundle
    },
    rotateKeys(keys) {
      jwks = keys
      append('keys', { jwks })
    },
    changeElsewhere() {
      seq += 1
    },
    restore(next, at = 0, open = 'end') {
      epoch = next
      seq = at
      view = []
      if (open === 'end') server.endStreams()
      else streams.clear()
    },
    rewind(to) {
      seq = to
      view = view.filter((event) => event.seq <= to)
      server.endStreams()
    },
    endStreams() {
      for (const controller of streams) controller.close()
      streams.clear()
    },
    write(text) {
      for (const controller of streams) controller.enqueue(encoder.encode(text))
    },
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const path = url.pathname
      const name = path.split('/').at(-1) ?? ''
      server.counts.set(name, (server.counts.get(name) ?? 0) + 1)
      if (server.network === 'down') throw new TypeError('connection refused')
      if (server.network === 'silent') return new Promise<Response>(() => {})
      if (!url.href.startsWith(`${URL_OF_AUTHORITY}/`)) throw new Error(`fetched ${url.href}`)
      const headers = new Headers(init?.headers)
      if (headers.get('authorization') !== `Bearer ${server.credentials}`) return new Response(null, { status: 401 })
      const tail = path.slice(new URL(URL_OF_AUTHORITY).pathname.length)
      return answer(tail, url.searchParams, typeof init?.body === 'string' ? init.body : '')
    },
  }
  return server

  function append(kind: string, news: object): void {
    seq += 1
    const prev = view.at(-1)?.seq ?? null
    const event = { seq, kind, data: { position: { epoch, seq }, prev, ...news } }
    view.push(event)
    if (server.loseNext) server.loseNext = false
    else if (!server.isBuffering) server.write(textOf(event))
  }

  function answer(path: string, query: URLSearchParams, body: string): Response {
    if (path.startsWith('/v1/bundles/')) {
      const signed = bundles.get(path.slice('/v1/bundles/'.length))
      return signed === undefined ? new Response(null, { status: 404 }) : new Response(tampered(path, signed))
    }
    switch (path) {
      case '/v1/feed/snapshot':
        return json(path, {
          position: { epoch, seq },
          view: server.view,
          jwks,
          bundle: bundle ?? null,
          revocations,
          now: now(),
        })
      case '/v1/feed/head':
        return json(path, {
          position: { epoch, seq },
          prev: view.at(-1)?.seq ?? null,
          view: server.view.id,
          now: now(),
        })
      case '/v1/feed/events':
        if ((query.get('view') ?? undefined) !== server.view.id) return new Response(null, { status: 410 })
        return events(query.get('epoch') ?? '', Number(query.get('after')))
      case '/v1/decisions': {
        const { start, records }: { start: string; records: DecisionRecord[] } = JSON.parse(body)
        const isWrong = records.some((record) => record.start !== start || server.minds(record))
        const status = server.refusals.shift() ?? (isWrong ? 400 : 202)
        if (status === 202) server.records.push(...records)
        return new Response('{"accepted":0}', { status })
      }
      default:
        return new Response(null, { status: 404 })
    }
  }

  function events(fromEpoch: string, after: number): Response {
    if (fromEpoch !== epoch || after > seq) return new Response(null, { status: 410 })
    let own: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        own = controller
        streams.add(controller)
        controller.enqueue(encoder.encode(': open\n\n'))
        if (server.isBuffering) return
        for (const event of view) if (event.seq > after) controller.enqueue(encoder.encode(textOf(event)))
      },
      cancel() {
        if (own !== undefined) streams.delete(own)
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
  }

  function json(path: string, body: object): Response {
    return new Response(tampered(path, JSON.stringify(body)), { headers: { 'content-type': 'application/json' } })
  }

  function tampered(path: string, body: string): string {
    return server.tamper?.(path, body) ?? body
  }
}

export function textOf({ seq, kind, data }: View): string {
  return `id: ${seq}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`
}
