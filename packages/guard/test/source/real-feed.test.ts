// The guard with the real feed client and recorder, against an authority in memory: from the guard's own token to a decision
// record that has arrived.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createTestAuthority, type TestAuthority, URL_OF_AUTHORITY } from '../../../feed/test/authority-server.ts'
import { bundleKeys } from '../../../feed/test/fixture.ts'
import { type AuthorityOptions, createGuard, type Guard } from '../../src/index.ts'
import { Document, documentNamed, POLICIES, schema } from '../support/documents.ts'
import { ANN, AUDIENCE, JWKS, NOW, PLAN, requestWith, thrownBy, tokenFor } from '../support/world.ts'

const plan = Document(documentNamed('plan'))
const AT = { iss: URL_OF_AUTHORITY, epoch: 'e1' }
const guards: Guard<typeof schema>[] = []
afterEach(async () => {
  await Promise.all(guards.splice(0).map((guard) => guard.close()))
})

interface Setup {
  readonly authority: TestAuthority
  readonly secrets: string[]
  readonly start: (more?: Partial<AuthorityOptions<typeof schema>>) => Promise<Guard<typeof schema>>
}

async function setUp(): Promise<Setup> {
  const authority = createTestAuthority(() => NOW)
  const secrets: string[] = []
  const content = { schema, policies: POLICIES, plans: [PLAN], notAfterSeconds: NOW + 86_400, audience: AUDIENCE }
  await authority.publish(content)
  authority.rotateKeys(JWKS)
  const fetchWithToken: typeof globalThis.fetch = async (input, init) => {
    if (!new URL(input instanceof Request ? input.url : input).pathname.endsWith('/token'))
      return authority.fetch(input, init)
    const headers = new Headers(init?.headers)
    secrets.push(Buffer.from((headers.get('authorization') ?? '').slice('Basic '.length), 'base64').toString())
    return Response.json({ access_token: authority.credentials, token_type: 'Bearer', expires_in: 300 })
  }
  const start: Setup['start'] = async (more = {}) => {
    const guard = await createGuard({
      schema,
      authority: URL_OF_AUTHORITY,
      audience: AUDIENCE,
      client: { id: 'documents:service', secret: 'a secret' },
      bundleKeys,
      fetch: fetchWithToken,
      now: () => NOW,
      log: { info: () => {}, warn: () => {}, error: () => {} },
      ...more,
    })
    guards.push(guard)
    return guard
  }
  return { authority, secrets, start }
}

describe('with a real feed client', () => {
  test('follows policies, keys and revocations, and sends its decisions', async () => {
    const { authority, secrets, start } = await setUp()
    const guard = await start()
    expect(guard.state()).toMatchObject({ mode: 'authority', revision: 1 })
    expect(secrets).toEqual(['documents%3Aservice:a%20secret'])
    const token = await tokenFor(ANN, { ...AT, seq: authority.position().seq })

    const auth = await guard.authenticate(requestWith(token))
    expect(auth.authorize('view', plan).id).toBe('plan')

    authority.revoke({ kind: 'principal', tenant: 'acme', sub: 'ann' })
    await vi.waitFor(() => expect(auth.signal.aborted).toBe(true))
    expect(await thrownBy(() => guard.authenticate(requestWith(token)))).toMatchObject({
      reason: 'revoked',
      status: 401,
    })

    const again = await tokenFor(ANN, { ...AT, seq: authority.position().seq })
    expect((await guard.authenticate(requestWith(again))).can('view', plan)).toBe(true)

    await guard.close()
    expect(authority.records.map(({ reason, service, n }) => [reason, service, n])).toEqual([
      ['permit', AUDIENCE, 1],
      ['revoked', AUDIENCE, 2],
    ])
  })

  test('a token from ahead of the feed waits for the news', async () => {
    const { authority, start } = await setUp()
    const guard = await start()
    const token = await tokenFor(ANN, { ...AT, seq: authority.position().seq + 1 })
    authority.changeElsewhere()
    expect((await guard.authenticate(requestWith(token))).principal.id).toBe('ann')
    const far = await tokenFor(ANN, { ...AT, seq: authority.position().seq + 50 })
    expect(await thrownBy(() => guard.authenticate(requestWith(far)))).toMatchObject({ reason: 'stale', status: 503 })
  })

  test('a new revision is in force without a restart', async () => {
    const { authority, start } = await setUp()
    const guard = await start()
    const token = await tokenFor(ANN, { ...AT, seq: authority.position().seq })
    expect((await guard.authenticate(requestWith(token))).can('view', plan)).toBe(true)
    const closed = [{ file: 'closed.cedar', text: '@id("closed") forbid (principal, action, resource);' }]
    await authority.publish({
      schema,
      policies: closed,
      plans: [PLAN],
      revision: 2,
      notAfterSeconds: NOW + 86_400,
      audience: AUDIENCE,
    })
    await vi.waitFor(() => expect(guard.state().revision).toBe(2))
    expect((await guard.authenticate(requestWith(token))).can('view', plan)).toBe(false)
  })

  test('starts while its authority is down from what it kept, and denies what the news are too old for', async () => {
    const { authority, start } = await setUp()
    const folder = mkdtempSync(join(tmpdir(), 'cardea-guard-'))
    const logged: string[] = []
    const log = { info: () => {}, warn: (message: string) => logged.push(message), error: () => {} }
    let wall = NOW
    const more = { stateFile: join(folder, 'guard.state'), now: () => wall, log }
    const first = await start(more)
    const seq = authority.position().seq
    const person = { ...ANN, acr: 'mfa', auth_time: NOW - 10 }
    const token = await tokenFor(person, { ...AT, seq, sid: 'one' })
    const revoked = await tokenFor(person, { ...AT, seq, sid: 'two' })
    authority.revoke({ kind: 'session', sid: 'two' })
    await vi.waitFor(() => expect(first.state().position?.seq).toBe(seq + 1))
    await first.close()

    authority.network = 'down'
    wall += 20
    const guard = await start(more)
    expect(logged).toContain('begun with the saved state: the authority has not answered')
    const auth = await guard.authenticate(requestWith(token))
    // 300 s, 30 s and 5 s
    expect(auth.can('view', plan)).toBe(true)
    expect(auth.can('share', plan, { outside: false })).toBe(true)
    expect(await thrownBy(() => auth.authorize('delete', plan))).toMatchObject({ reason: 'stale', status: 503 })
    expect(await thrownBy(() => guard.authenticate(requestWith(revoked)))).toMatchObject({ reason: 'revoked' })
    wall += 290
    const late = await tokenFor(person, { ...AT, seq, sid: 'one', iat: wall, exp: wall + 300 })
    expect(await thrownBy(() => guard.authenticate(requestWith(late)))).toMatchObject({ reason: 'stale' })
    await guard.close()
    rmSync(folder, { recursive: true })
  })

  test('does not start without its authority', async () => {
    const { authority, start } = await setUp()
    authority.credentials = 'another'
    const failing = start({
      fetch: () => Promise.reject(new TypeError('refused')),
      authority: 'ftp://authority.example',
    })
    await expect(failing).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_(GUARD|FEED)_/) })
  })

  test('does not start with a tolerance that outlives revocations', async () => {
    const { start } = await setUp()
    await expect(start({ clockToleranceSeconds: 61 })).rejects.toMatchObject({ code: 'ERR_GUARD_OPTIONS' })
  })

  test('does not start outside of development without pinned bundle keys', async () => {
    const { start } = await setUp()
    const unpinned: object = { bundleKeys: undefined }
    await expect(start(unpinned)).rejects.toMatchObject({ code: 'ERR_GUARD_OPTIONS' })
  })
})
