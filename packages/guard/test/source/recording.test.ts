// What becomes of a decision whose record has no room: by its action, as the guard was made.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DecisionReport } from '@cardea/feed'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createTestAuthority, URL_OF_AUTHORITY } from '../../../feed/test/authority-server.ts'
import { bundleKeys } from '../../../feed/test/fixture.ts'
import { type AuditOptions, createGuard, type Guard } from '../../src/index.ts'
import { checkAudit, createRecording } from '../../src/source/recording.ts'
import { Document, documentNamed, POLICIES, schema } from '../support/documents.ts'
import { createFakeFeed } from '../support/fake-feed.ts'
import { ANN, AUDIENCE, BOB, createWorld, JWKS, NOW, PLAN, requestWith, thrownBy, tokenFor } from '../support/world.ts'

const plan = Document(documentNamed('plan'))
const AT = { epoch: 'e1', seq: 90, sid: 'session-1' }
const actions = new Set(Object.keys(schema.actions))

describe('options', () => {
  test.each<[string, object]>([
    ['an action that the schema does not have', { actions: { delte: 'block' } }],
    ['an action of the prototype', { actions: { constructor: 'block' } }],
    ['a value that means nothing', { actions: { delete: 'bock' } }],
    ['no value', { actions: { delete: undefined } }],
    ['a default that means nothing', { full: 'drop' }],
    ['a file that is not named', { full: 'spill' }],
    ['a file that is not named, for one action', { actions: { delete: 'spill' } }],
    ['a file that holds nothing', { file: 'x', maxFileBytes: 1000 }],
    ['a bound that is no number', { file: 'x', maxFileBytes: Number.POSITIVE_INFINITY }],
  ])('%s: the guard does not start', (_, audit) => {
    expect(() => checkAudit(audit, actions)).toThrow(expect.objectContaining({ code: 'ERR_GUARD_OPTIONS' }))
  })

  test('a guard without an authority has nothing to keep records in, and says so', async () => {
    const options: object = { audit: { full: 'block' } }
    expect(await thrownBy(() => createWorld(options))).toMatchObject({ code: 'ERR_GUARD_OPTIONS' })
  })
})

test.each<[AuditOptions, string | undefined, 'allow' | 'deny', string]>([
  [{}, 'view', 'allow', 'count'],
  [{ full: 'spill', file: 'f' }, 'view', 'allow', 'spill'],
  [{ full: 'spill', file: 'f', actions: { view: 'count' } }, 'view', 'allow', 'count'],
  [{ full: 'block' }, 'view', 'allow', 'keep'],
  [{ full: 'block' }, 'view', 'deny', 'count'],
  [{ full: 'block', file: 'f' }, 'view', 'deny', 'spill'],
  [{ actions: { delete: 'block' } }, 'view', 'allow', 'count'],
  [{ actions: { delete: 'block' } }, 'delete', 'allow', 'keep'],
  [{ actions: { delete: 'block' } }, undefined, 'deny', 'count'],
  [{ actions: { delete: 'block' } }, 'constructor', 'allow', 'count'],
])('%j: of %s an %s goes to %s', (audit, action, decision, expected) => {
  const recorder = {
    keep: () => undefined,
    record: vi.fn((report: DecisionReport) => ({ ...report, id: 's.1', n: 1, start: 's', service: 'd', at: '' })),
  }
  const report: DecisionReport = { decision, reason: '', checkpoint: 'resource', policies: [], correlation: '' }
  const recorded = createRecording(recorder, audit)(action === undefined ? report : { ...report, action })
  expect(recorded === undefined ? 'keep' : recorder.record.mock.calls.flat()[1]).toBe(expected)
})

describe('an action whose records must be kept', () => {
  const setUp = async (person = ANN) => {
    const feed = createFakeFeed({ audit: { actions: { edit: 'block' } } })
    return { feed, auth: await feed.guard.authenticate(requestWith(await tokenFor(person, AT))) }
  }

  test('is allowed while they are', async () => {
    const { feed, auth } = await setUp()
    expect(auth.authorize('edit', plan).id).toBe('plan')
    expect(feed.reports.map(({ decision, action }) => [decision, action])).toEqual([['allow', 'edit']])
  })

  test('is denied when they are not, in every way of asking that gives a permission', async () => {
    const { feed, auth } = await setUp()
    feed.isFull = true
    const denied = { reason: 'unrecordable', status: 503, code: 'ERR_GUARD_UNAUTHENTICATED' }
    expect(await thrownBy(() => auth.authorize('edit', plan))).toMatchObject(denied)
    expect(await thrownBy(() => auth.authorizeEach('edit', [plan]))).toMatchObject(denied)
    expect(await thrownBy(() => auth.filter('edit', Document))).toMatchObject(denied)
    expect(await thrownBy(() => auth.select('edit', Document, [documentNamed('plan')]))).toMatchObject(denied)
    expect(auth.decide('edit', plan)).toMatchObject({ decision: 'deny', reason: 'unrecordable' })
    expect(feed.reports.every(({ decision, reason }) => decision === 'deny' && reason === 'unrecordable')).toBe(true)
    expect(feed.reports).toHaveLength(5)
    expect(feed.events.map(({ decision }) => decision)).toEqual(['deny', 'deny', 'deny', 'deny', 'deny'])
    expect(feed.logged).toContainEqual(expect.stringContaining('cannot be kept'))
  })

  test('and every other action is denied when recording fails in a way that nobody thought of', async () => {
    const { feed, auth } = await setUp()
    vi.spyOn(feed.reports, 'push').mockImplementation(() => {
      throw new Error('a fault')
    })
    expect(await thrownBy(() => auth.authorize('edit', plan))).toMatchObject({ reason: 'unrecordable' })
    expect(await thrownBy(() => auth.authorize('view', plan))).toMatchObject({ reason: 'unrecordable' })
    expect(await thrownBy(() => auth.filter('view', Document))).toMatchObject({ reason: 'unrecordable' })
  })

  test('does not keep others from being allowed, and a deny stays what it is', async () => {
    const { feed, auth } = await setUp()
    feed.isFull = true
    expect(auth.authorize('view', plan).id).toBe('plan')
    const other = await feed.guard.authenticate(requestWith(await tokenFor(BOB, AT)))
    expect(await thrownBy(() => other.authorize('edit', plan))).not.toMatchObject({ reason: 'unrecordable' })
  })
})

describe('with a file', () => {
  const guards: Guard<typeof schema>[] = []
  const folder = mkdtempSync(join(tmpdir(), 'cardea-recording-'))
  const file = join(folder, 'decisions.jsonl')
  afterEach(async () => {
    await Promise.all(guards.splice(0).map((guard) => guard.close()))
    rmSync(folder, { recursive: true, force: true })
  })

  test('records outlive the service, and neither a token nor a secret is in the file', async () => {
    const authority = createTestAuthority(() => NOW)
    await authority.publish({
      schema,
      policies: POLICIES,
      plans: [PLAN],
      notAfterSeconds: NOW + 86_400,
      audience: AUDIENCE,
    })
    authority.rotateKeys(JWKS)
    let isTaking = false
    const fetch: typeof globalThis.fetch = (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input)
      if (pathname.endsWith('/token')) {
        return Promise.resolve(
          Response.json({ access_token: authority.credentials, token_type: 'Bearer', expires_in: 300 }),
        )
      }
      if (pathname.endsWith('/decisions') && !isTaking) return Promise.resolve(new Response(null, { status: 503 }))
      return authority.fetch(input, init)
    }
    const start = async (): Promise<Guard<typeof schema>> => {
      const guard = await createGuard({
        schema,
        authority: URL_OF_AUTHORITY,
        audience: AUDIENCE,
        client: { id: 'documents', secret: 'a secret' },
        bundleKeys,
        fetch,
        now: () => NOW,
        log: { info: () => {}, warn: () => {}, error: () => {} },
        audit: { full: 'spill', file, actions: { edit: 'block' } },
      })
      guards.push(guard)
      return guard
    }
    const guard = await start()
    const token = await tokenFor(ANN, { iss: URL_OF_AUTHORITY, epoch: 'e1', seq: authority.position().seq })
    const auth = await guard.authenticate(requestWith(token))
    auth.authorize('edit', plan)
    const written = readFileSync(file, 'utf8')
    expect(written).toContain('"action":"edit"')
    auth.authorize('view', plan)
    expect(await thrownBy(() => guard.authenticate(requestWith(`${token.slice(0, -4)}AAAA`)))).toMatchObject({
      status: 401,
    })
    await guard.close()
    const text = readFileSync(file, 'utf8')
    expect(text.trim().split('\n')).toHaveLength(3)
    for (const secret of [...token.split('.'), 'a secret', authority.credentials]) expect(text).not.toContain(secret)

    isTaking = true
    await (await start()).close()
    expect(authority.records.map(({ n, action }) => [n, action])).toEqual([
      [1, 'edit'],
      [2, 'view'],
      [3, undefined],
    ])
    expect(readFileSync(file, 'utf8')).toBe('')
  })
})
