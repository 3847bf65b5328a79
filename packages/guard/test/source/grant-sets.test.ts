// Grants by reference: fetched once, by presenting the token, within bounds; decided by as if the token held them; and 503 when they
// cannot be had.

import { setImmediate as turn } from 'node:timers/promises'
import { CLAIMS_LIMITS, type GrantSet } from '@cardea/claims'
import { createAuthority, FeedError } from '@cardea/feed'
import { entityUid } from '@cardea/policy'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Auth } from '../../src/index.ts'
import { Document, documentNamed, type DocumentRow, POLICIES, type schema } from '../support/documents.ts'
import { createFakeFeed, type FakeFeed } from '../support/fake-feed.ts'
import {
  ANN,
  BOB,
  createWorld,
  ISSUER,
  NOW,
  type Person,
  requestWith,
  thrownBy,
  tokenByReference,
  tokenFor,
} from '../support/world.ts'

const AT = { epoch: 'e1', seq: 90, sid: 'session-1' }

const memo = Document(documentNamed('memo'))

function holding(ids: readonly string[], person: Person = ANN): Person {
  return { ...person, grants: ids.map((id) => ({ template: 'viewer', resource: entityUid('Document', id) })) }
}

const other = await tokenByReference(holding(['other']), AT)
const same = await tokenByReference(holding(['memo']), AT)

/** Serves sets by the token that is presented, and counts. */
function serve(feed: FakeFeed, ...served: readonly { readonly token: string; readonly set: GrantSet }[]): string[] {
  const presented: string[] = []
  feed.fetchSet = async (token) => {
    presented.push(token)
    const found = served.find((one) => one.token === token)
    if (found === undefined) throw new FeedError('ERR_FEED_FETCH', 'nothing', { status: 404 })
    return Buffer.from(found.set.text)
  }
  return presented
}

function enter(feed: FakeFeed, token: string): Promise<Auth<typeof schema>> {
  return feed.guard.authenticate(requestWith(token))
}

const UNAVAILABLE = { status: 503, reason: 'unavailable', headers: { 'retry-after': '1' } }

describe('a token that names its grants', () => {
  test('is decided by what it names, which is fetched once by presenting it', async () => {
    const feed = createFakeFeed()
    const named = await tokenByReference(holding(['memo']), AT)
    const presented = serve(feed, named)
    const auth = await enter(feed, named.token)
    expect(auth.can('view', memo)).toBe(true)
    expect(auth.can('edit', memo)).toBe(false)
    expect((await enter(feed, named.token)).can('view', memo)).toBe(true)
    expect(presented).toEqual([named.token])
  })

  test('is fetched for once by any number of requests at once, also of several tokens', async () => {
    const feed = createFakeFeed()
    const first = await tokenByReference(holding(['memo']), AT)
    const second = await tokenByReference(holding(['memo']), AT)
    expect(second.set).toEqual(first.set)
    const presented = serve(feed, first, second)
    const tokens = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? first.token : second.token))
    const entered = await Promise.all(tokens.map((token) => enter(feed, token)))
    expect(entered.every((auth) => auth.can('view', memo))).toBe(true)
    expect(presented).toHaveLength(1)
  })

  test('keeps its grants when the policies change, without asking again', async () => {
    const feed = createFakeFeed()
    const named = await tokenByReference(holding(['memo']), AT)
    const presented = serve(feed, named)
    await enter(feed, named.token)
    feed.publish([{ ...POLICIES[0], text: `${POLICIES[0].text}\n@id("no") forbid (principal, action, resource);` }])
    expect((await enter(feed, named.token)).can('view', memo)).toBe(false)
    feed.publish(POLICIES)
    expect((await enter(feed, named.token)).can('view', memo)).toBe(true)
    expect(presented).toHaveLength(1)
  })

  test('is not fetched for when it does not stand', async () => {
    const feed = createFakeFeed()
    const named = await tokenByReference(holding(['memo']), AT)
    const presented = serve(feed, named)
    feed.revoke({ kind: 'session', sid: 'session-1' })
    expect(await thrownBy(() => enter(feed, named.token))).toMatchObject({ status: 401, reason: 'revoked' })
    feed.now = NOW + 300
    expect(await thrownBy(() => enter(feed, named.token))).toMatchObject({ status: 401, reason: 'expired' })
    expect(presented).toEqual([])
  })

  test('is refused when it was revoked while its grants were on the way', async () => {
    const feed = createFakeFeed()
    const named = await tokenByReference(holding(['memo']), AT)
    feed.fetchSet = async () => {
      feed.revoke({ kind: 'session', sid: 'session-1' })
      return Buffer.from(named.set.text)
    }
    expect(await thrownBy(() => enter(feed, named.token))).toMatchObject({ status: 401, reason: 'revoked' })
  })

  test('waits for policies that were announced while its grants were on the way', async () => {
    const feed = createFakeFeed()
    const named = await tokenByReference(holding(['memo']), AT)
    let waits = 0
    feed.onWait = () => {
      waits += 1
      feed.ageSeconds = 1
    }
    feed.fetchSet = async () => {
      feed.ageSeconds = Number.POSITIVE_INFINITY
      return Buffer.from(named.set.text)
    }
    expect((await enter(feed, named.token)).can('view', memo)).toBe(true)
    expect(waits).toBe(1)
  })

  test('loses a single grant when that is revoked, while another token with the same set has it anew', async () => {
    const feed = createFakeFeed()
    const old = await tokenByReference(holding(['memo', 'plan']), AT)
    const presented = serve(feed, old)
    const auth = await enter(feed, old.token)
    expect(auth.can('view', memo)).toBe(true)
    const key = { tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource: 'Document::"memo"' }
    feed.revoke({ kind: 'grant', ...key }, 101)
    expect(auth.can('view', memo)).toBe(false)
    const anew = await tokenByReference(holding(['memo', 'plan']), { ...AT, seq: 101 })
    expect((await enter(feed, anew.token)).can('view', memo)).toBe(true)
    expect((await enter(feed, old.token)).can('view', memo)).toBe(false)
    expect(presented).toHaveLength(1)
  })

  test('is refused by a guard that stands alone, which has nobody to ask', async () => {
    const world = await createWorld()
    const { token } = await tokenByReference(holding(['memo']))
    const error = await thrownBy(() => world.guard.authenticate(requestWith(token)))
    expect(error).toMatchObject({ status: 401, reason: 'invalid_token' })
    expect(world.events.at(-1)).toMatchObject({ decision: 'deny', code: 'ERR_CLAIMS_GRANTS_REF' })
  })
})

describe('with grants in the token or by reference', () => {
  const ids = ['memo', 'plan', 'secret', 'foreign', 'd1', 'd2', 'd3']
  const rows: readonly DocumentRow[] = ids.map((id) => ({ ...documentNamed('memo'), id, owner_id: 'bob' }))
  const folders = ['memos', 'plans']
  const anyGrant = fc.record({
    template: fc.constantFrom('viewer', 'editor'),
    resource: fc.oneof(
      fc.constantFrom(...ids).map((id) => entityUid('Document', id)),
      fc.constantFrom(...folders).map((id) => entityUid('Folder', id)),
    ),
    untilSeconds: fc.option(fc.integer({ min: NOW - 5, max: NOW + 20 }), { nil: undefined }),
  })
  const anyRevocation = fc.record({
    template: fc.constantFrom('viewer', 'editor'),
    resource: fc.constantFrom(...ids.map((id) => `Document::"${id}"`), ...folders.map((id) => `Folder::"${id}"`)),
    seq: fc.integer({ min: 80, max: 120 }),
  })

  test('every decision is the same, for any grants, ends and revocations, and so is every list', async () => {
    let allowed = 0
    let denied = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyGrant, { maxLength: 12 }),
        fc.array(anyRevocation, { maxLength: 6 }),
        fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1, maxLength: 4 }),
        async (grants, revocations, steps) => {
          const feed = createFakeFeed()
          const person: Person = {
            ...ANN,
            grants: grants.map(({ untilSeconds, ...grant }) =>
              untilSeconds === undefined ? grant : { ...grant, untilSeconds },
            ),
          }
          const named = await tokenByReference(person, AT)
          serve(feed, named)
          const pair = [await enter(feed, await tokenFor(person, AT)), await enter(feed, named.token)] as const
          const compare = (): void => {
            const [held, referred] = pair.map((auth) => ({
              decisions: rows.map((row) =>
                (['view', 'edit'] as const).map((action) => {
                  const { decision, policies } = auth.decide(action, Document(row))
                  if (decision === 'allow') allowed += 1
                  else denied += 1
                  return { decision, policies }
                }),
              ),
              lists: (['view', 'edit'] as const).map((action) => auth.select(action, Document, rows)),
              residual: auth.filter('view', Document).residual,
            }))
            expect(referred).toEqual(held)
          }
          compare()
          for (const [index, step] of steps.entries()) {
            feed.now += step
            const revocation = revocations[index]
            if (revocation !== undefined) {
              const { seq, ...key } = revocation
              feed.revoke({ kind: 'grant', tenant: 'acme', grantee: 'User::"ann"', ...key }, seq)
            }
            compare()
          }
        },
      ),
      { numRuns: 60 },
    )
    // it is about something
    expect(Math.min(allowed, denied)).toBeGreaterThan(100)
  })
})

describe('a set that cannot be had, or must not be believed, is 503 and recorded', () => {
  async function refusal(fetchSet: FakeFeed['fetchSet'], token?: string): Promise<{ error: unknown; feed: FakeFeed }> {
    const feed = createFakeFeed()
    feed.fetchSet = fetchSet
    const named = token ?? (await tokenByReference(holding(['memo']), AT)).token
    return { error: await thrownBy(() => enter(feed, named)), feed }
  }

  /** The real way to the authority, with its time limit, before an answer of the test's own. */
  function answering(response: () => Response | Promise<Response>): FakeFeed['fetchSet'] {
    const authority = createAuthority({
      url: ISSUER,
      credentials: () => Promise.resolve('own token'),
      fetch: async () => response(),
      timeoutMilliseconds: 20,
    })
    return (token, maxBytes, signal) => authority.grantSet(token, maxBytes, signal)
  }

  const { text } = same.set
  const endless = (): ReadableStream<Uint8Array> =>
    new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(100_000)) })
  const ROWS: Record<string, () => Response | Promise<Response>> = {
    'nothing there': () => new Response('{}', { status: 404 }),
    'an error': () => new Response(text, { status: 500 }),
    'a guard that is not enrolled': () => new Response('{}', { status: 403 }),
    'a redirect': () => Object.defineProperty(new Response(text), 'redirected', { value: true }),
    'no network': () => Promise.reject(new TypeError('fetch failed')),
    'no answer in time': () => new Promise(() => {}),
    'an answer that begins and does not end': () =>
      new Response(new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from(text)) })),
    'an answer that breaks off': () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(Buffer.from(text.slice(0, 20)))
            controller.error(new Error('reset'))
          },
        }),
      ),
    'an answer that is cut': () => new Response(text.slice(0, -1)),
    'an answer that is larger than a set may be': () => new Response(endless()),
    'a larger one that is honest about it': () => new Response('x'.repeat(CLAIMS_LIMITS.setBytes + 1)),
    'another set': () => new Response(other.set.text),
    'the same set with one grant more': () => new Response(text.replace('"memo"', '"memo","plan"')),
    'nothing at all': () => new Response(''),
    HTML: () => new Response('<html>'),
  }
  test.each(Object.entries(ROWS))('%s', async (_, response) => {
    const { error, feed } = await refusal(answering(response), same.token)
    expect(error).toMatchObject(UNAVAILABLE)
    expect(feed.reports).toMatchObject([{ decision: 'deny', reason: 'unavailable', checkpoint: 'authenticate' }])
    expect(feed.events).toMatchObject([{ code: 'ERR_GUARD_GRANTS' }])
    expect(feed.logged).toHaveLength(1)
  })

  test('and nothing of token or grants is in what is logged and answered', async () => {
    const { error, feed } = await refusal(
      answering(() => new Response(other.set.text)),
      same.token,
    )
    const said = JSON.stringify([error, feed.reports, feed.logged])
    for (const secret of [same.token, same.set.digest, 'memo', 'other']) expect(said).not.toContain(secret)
  })

  test("a set of somebody else's that a signed token names is refused as the token's fault", async () => {
    const bobs = await tokenByReference(holding(['memo'], BOB), AT)
    const forged = await tokenByReference(ANN, { ...AT, grants_ref: bobs.set.digest })
    const { error, feed } = await refusal(async () => Buffer.from(bobs.set.text), forged.token)
    expect(error).toMatchObject({ status: 401, reason: 'invalid_token' })
    expect(feed.events).toMatchObject([{ code: 'ERR_CLAIMS_GRANT_SET_OWNER' }])
  })

  test.each([
    ['both forms', { grants: [] }],
    ['no digest', { grants_ref: 'short' }],
    ['a digest that is none', { grants_ref: { a: 1 } }],
  ])('a token with %s is refused without asking', async (_, claims) => {
    const { token } = await tokenByReference(ANN, { ...AT, ...claims })
    const { error, feed } = await refusal(() => Promise.reject(new Error('it was asked')), token)
    expect(error).toMatchObject({ status: 401, reason: 'invalid_token' })
    expect(feed.events).toMatchObject([{ code: 'ERR_CLAIMS_GRANTS_REF' }])
  })
})

describe('after a failure', () => {
  test('nothing is asked for a moment, and then again', async () => {
    const feed = createFakeFeed()
    const named = await tokenByReference(holding(['memo']), AT)
    let asked = 0
    feed.fetchSet = () => {
      asked += 1
      return Promise.reject(new Error('down'))
    }
    for (let turns = 0; turns < 5; turns += 1) {
      expect(await thrownBy(() => enter(feed, named.token))).toMatchObject(UNAVAILABLE)
    }
    expect(asked).toBe(1)
    feed.now = NOW + 0.4
    expect(await thrownBy(() => enter(feed, named.token))).toMatchObject(UNAVAILABLE)
    expect(asked).toBe(1)
    serve(feed, named)
    feed.now = NOW + 0.5
    expect((await enter(feed, named.token)).can('view', memo)).toBe(true)
  })

  test('a clock that is set back does not prolong it', async () => {
    const feed = createFakeFeed()
    const named = await tokenByReference(holding(['memo']), AT)
    feed.fetchSet = () => Promise.reject(new Error('down'))
    await thrownBy(() => enter(feed, named.token))
    serve(feed, named)
    feed.now = NOW - 5
    expect((await enter(feed, named.token)).can('view', memo)).toBe(true)
  })

  test('all that wait for it are told, and of many sets as many are asked for', async () => {
    const feed = createFakeFeed()
    const named = await tokenByReference(holding(['memo']), AT)
    let asked = 0
    feed.fetchSet = async () => {
      asked += 1
      await turn()
      throw new Error('down')
    }
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => enter(feed, named.token)))
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(asked).toBe(1)
  })

  test('that was for one token, another token is not refused, nor one that waited for it', async () => {
    const feed = createFakeFeed()
    const refused = await tokenByReference(holding(['memo']), AT)
    const good = await tokenByReference(holding(['memo']), AT)
    const presented = serve(feed, good)
    const [first, second] = await Promise.allSettled([enter(feed, refused.token), enter(feed, good.token)])
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled'])
    expect(presented).toEqual([refused.token, good.token])
    const again = createFakeFeed()
    const later = serve(again, good)
    await thrownBy(() => enter(again, refused.token))
    await thrownBy(() => enter(again, refused.token))
    await enter(again, good.token)
    expect(later).toEqual([refused.token, good.token])
  })

  test('no more than 64 sets are on the way at a time', async () => {
    const feed = createFakeFeed()
    const gate = Promise.withResolvers<void>()
    const full = Promise.withResolvers<void>()
    const many = await Promise.all(
      Array.from({ length: 70 }, (_, index) => tokenByReference(holding([`document ${index}`]), AT)),
    )
    let asked = 0
    feed.fetchSet = async (token) => {
      asked += 1
      if (asked === 64) full.resolve()
      await gate.promise
      return Buffer.from(many.find((one) => one.token === token)?.set.text ?? '')
    }
    const entering = Promise.allSettled(many.map(({ token }) => enter(feed, token)))
    await full.promise
    gate.resolve()
    const outcomes = await entering
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(64)
    expect(asked).toBe(64)
  })
})

describe('what is remembered', () => {
  const SIZE = CLAIMS_LIMITS.setGrants

  test('is bounded: the set that was not used for longest is forgotten, and fetched again', async () => {
    const feed = createFakeFeed({ grantCacheSize: SIZE })
    const half = (prefix: string): string[] => Array.from({ length: SIZE / 2 - 1 }, (_, at) => `${prefix} ${at}`)
    const [first, second, third] = await Promise.all(
      ['a', 'b', 'c'].map((prefix) => tokenByReference(holding(half(prefix)), AT)),
    )
    if (first === undefined || second === undefined || third === undefined) throw new Error('there are three')
    const presented = serve(feed, first, second, third)
    await enter(feed, first.token)
    await enter(feed, second.token)
    await enter(feed, first.token)
    expect(presented).toHaveLength(2)
    await enter(feed, third.token)
    await enter(feed, first.token)
    expect(presented).toEqual([first.token, second.token, third.token])
    await enter(feed, second.token)
    expect(presented).toHaveLength(4)
  })

  test('has room for the largest set, and a guard without that does not start', async () => {
    const feed = createFakeFeed({ grantCacheSize: SIZE })
    const largest = await tokenByReference(holding(Array.from({ length: SIZE }, (_, at) => `${at}`)), AT)
    const presented = serve(feed, largest)
    await enter(feed, largest.token)
    await enter(feed, largest.token)
    expect(presented).toHaveLength(1)
    for (const grantCacheSize of [SIZE - 1, Number.NaN]) {
      expect(() => createFakeFeed({ grantCacheSize })).toThrow(expect.objectContaining({ code: 'ERR_GUARD_OPTIONS' }))
    }
  })

  test('stops what is under way when the guard is closed', async () => {
    const feed = createFakeFeed()
    const { token } = await tokenByReference(holding(['memo']), AT)
    feed.fetchSet = (_token, _maxBytes, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')))
        void feed.guard.close()
      })
    expect(await thrownBy(() => enter(feed, token))).toMatchObject(UNAVAILABLE)
  })
})
