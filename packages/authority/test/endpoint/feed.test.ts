// The feed over real sockets: snapshot and tail without a gap, changes at once, and the real client of guards on top.

import { setImmediate } from 'node:timers/promises'
import { createFeedClient } from '@cardea/feed'
import { createLocalKeys } from '@cardea/token'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { basic, bodyOf, createWorld, DOCS, sources, type World } from '../fixture.ts'

let world: World
let url: string
beforeEach(async () => {
  world = await createWorld()
  ;({ url } = await world.authority.listen({ port: 0 }))
})
afterEach(() => world.authority.close())

interface FeedEvent {
  readonly kind: string
  readonly position: { readonly epoch: string; readonly seq: number }
  readonly prev: number | null
  readonly revocation?: { readonly key: { readonly sid?: string } }
}

interface Stream {
  readonly next: () => Promise<FeedEvent | undefined>
  readonly close: () => Promise<void>
}

async function get(path: string): Promise<Response> {
  return fetch(`${url}${path}`, { headers: { authorization: `Bearer ${await world.own('docs')}` } })
}

async function snapshot(): Promise<{ position: FeedEvent['position']; revocations: { key: { sid?: string } }[] }> {
  return (await get(`/v1/feed/snapshot?audience=${DOCS}`)).json() as never
}

async function follow({ epoch, seq }: FeedEvent['position']): Promise<Stream> {
  const response = await get(`/v1/feed/events?audience=${DOCS}&epoch=${epoch}&after=${seq}`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n')
        if (end === -1) {
          const read = await reader?.read()
          if (read?.value === undefined) return undefined
          text += read.value
          continue
        }
        const event = parseEvent(text.slice(0, end))
        text = text.slice(end + 2)
        if (event !== undefined) return event
      }
    },
    close: async () => reader?.cancel(),
  }
}

/** One event as the authority writes it; `undefined` for a comment. */
function parseEvent(text: string): FeedEvent | undefined {
  const fields = new Map(
    text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  )
  const data = fields.get('data')
  return data === undefined ? undefined : { kind: fields.get('event'), ...JSON.parse(data) }
}

const revoke = (sid: string): Promise<unknown> => world.authority.service.revoke({ kind: 'session', sid })

describe('the event stream', () => {
  test('hears of a revocation, a policy and keys at once, in order', async () => {
    const { position } = await snapshot()
    const stream = await follow(position)
    await revoke('s1')
    await world.authority.service.publish(sources)
    await world.authority.service.rotateKeys('access', { now: true })
    const events = [await stream.next(), await stream.next(), await stream.next()]
    expect(events.map((event) => [event?.kind, event?.position.seq, event?.prev])).toEqual([
      ['revocation', position.seq + 1, position.seq],
      ['bundle', position.seq + 2, position.seq + 1],
      ['keys', position.seq + 3, position.seq + 2],
    ])
    expect(events[0]?.revocation?.key).toEqual({ kind: 'session', sid: 's1' })
    await stream.close()
  })

  test('goes on where the guard stands', async () => {
    const { position } = await snapshot()
    for (const sid of ['s1', 's2', 's3']) await revoke(sid)
    const stream = await follow({ ...position, seq: position.seq + 1 })
    expect((await stream.next())?.revocation?.key.sid).toBe('s2')
    expect((await stream.next())?.revocation?.key.sid).toBe('s3')
    await stream.close()
  })

  test('with a snapshot has no gap and no repetition, whatever is written meanwhile', async () => {
    const total = 200
    const writing = (async () => {
      for (let n = 0; n < total; n += 1) await revoke(`s${n}`)
    })()
    const views = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        // each begins somewhere else in the writing
        for (let turn = 0; turn < index * 5; turn += 1) await get(`/v1/feed/head?audience=${DOCS}`)
        const { position, revocations } = await snapshot()
        const seen = revocations.map(({ key }) => key.sid)
        const stream = await follow(position)
        let last = position.seq
        while (seen.length < total) {
          const event = await stream.next()
          expect(event?.prev).toBe(last)
          last = event?.position.seq ?? 0
          seen.push(event?.revocation?.key.sid)
        }
        await stream.close()
        return seen
      }),
    )
    await writing
    const expected = Array.from({ length: total }, (_, n) => `s${n}`)
    for (const seen of views) expect(seen).toEqual(expected)
  })

  test('that cannot go on says that a snapshot is needed', async () => {
    const { position } = await snapshot()
    const ask = async (epoch: string, after: string): Promise<number> => {
      const response = await get(`/v1/feed/events?audience=${DOCS}&epoch=${epoch}&after=${after}`)
      await response.body?.cancel()
      return response.status
    }
    expect(await ask('another', '0')).toBe(410)
    expect(await ask(position.epoch, String(position.seq + 1))).toBe(410)
    expect(await ask(position.epoch, '-1')).toBe(400)
    expect(await ask(position.epoch, 'x')).toBe(400)
    await revoke('old')
    world.clock.seconds += 86_401 + 28_800
    await world.authority.service.keepHouse()
    expect(await ask(position.epoch, '0')).toBe(410)
  })

  test('ends when the authority closes', async () => {
    const { position } = await snapshot()
    const stream = await follow(position)
    await world.authority.close()
    expect(await stream.next()).toBeUndefined()
  })
})

describe('a guard that is no guard any more', () => {
  const enrolled = { id: 'mole', roles: ['guard'], audiences: [DOCS], tenants: [], templates: [] } as const
  const tokenOf = async (secret: string): Promise<Response> =>
    world.token(undefined, { grant_type: 'client_credentials' }, { authorization: basic(enrolled.id, secret) })
  const openAs = async (token: string): Promise<Response> => {
    const { position } = await snapshot()
    const query = `audience=${DOCS}&epoch=${position.epoch}&after=${position.seq}`
    return fetch(`${url}/v1/feed/events?${query}`, { headers: { authorization: `Bearer ${token}` } })
  }

  test('hears nothing more on the stream that it had opened', async () => {
    const { secret } = await world.authority.service.enrol(enrolled)
    const { access_token: token } = (await (await tokenOf(secret)).json()) as { access_token: string }
    const response = await openAs(token)
    expect(response.status).toBe(200)
    const ended = response.text()
    expect((await world.api('admin', 'DELETE', `/v1/clients/${enrolled.id}`)).status).toBe(200)
    expect(await ended).not.toContain('"sid":"after"')
    await revoke('after')
    expect((await openAs(token)).status).toBe(401)
  })

  test('has no token left, however close to its end it asked', async () => {
    const tokens: string[] = []
    for (let turn = 0; turn < 40; turn += 1) {
      const { secret } = await world.authority.service.enrol(enrolled)
      const remove = () => world.api('admin', 'DELETE', `/v1/clients/${enrolled.id}`)
      const asking = tokenOf(secret)
      // the removal begins a little later each time in the course of the asking
      for (let wait = 0; wait < turn; wait += 1) await (wait % 2 === 0 ? Promise.resolve() : setImmediate())
      const [answer, removed] = await Promise.all([asking, remove()])
      expect(removed.status).toBe(200)
      if (answer.status === 200) tokens.push(((await answer.json()) as { access_token: string }).access_token)
    }
    expect(tokens.length).toBeGreaterThan(0)
    for (const token of tokens) expect((await openAs(token)).status).toBe(401)
  })
})

describe('the head', () => {
  test('is never behind a write that was answered before it was asked', async () => {
    for (let n = 0; n < 20; n += 1) {
      const written = await world.authority.service.revoke({ kind: 'session', sid: `s${n}` })
      const head = await bodyOf(await get(`/v1/feed/head?audience=${DOCS}`))
      expect(head).toEqual({ position: written.position, prev: written.position.seq, now: world.clock.seconds })
    }
  })
})

describe("a guard's client", () => {
  test('follows, and knows of a revocation as soon as it was made', async () => {
    world.clock.seconds = Math.floor(Date.now() / 1000)
    const client = createFeedClient({
      authority: url,
      audience: DOCS,
      credentials: () => world.own('docs'),
      fetch,

      bundleKeys: createLocalKeys(world.authority.bundleKeys()),
    })
    await client.start()
    const state = client.state()
    expect(state.bundle?.content.revision).toBe(1)
    const heard = new Promise<void>((resolve) => {
      client.subscribe(() => {
        if (client.state().revocations.size === 1) resolve()
      })
    })
    await revoke('s1')
    await heard
    const claims = { iss: 'x', sub: 'ann', iat: 0, sid: 's1', epoch: state.position?.epoch ?? '', seq: 0 }
    expect(client.state().revocations.matchToken({ claims, keyId: 'kid' })).toBeDefined()
    await world.authority.service.publish(sources)
    const published = new Promise<void>((resolve) => {
      const look = (): void => {
        if (client.state().bundle?.content.revision === 2) resolve()
      }
      client.subscribe(look)
      look()
    })
    await published
    await client.close()
  })
})
