// What every store must do, whatever database is under it. A store's own test calls this with a way to open one.

import { entityUid } from '@cardea/policy'
import { describe, expect, test } from 'vitest'
import type {
  Change,
  ClientRecord,
  GrantRecord,
  GrantSetRecord,
  KeyRecord,
  RefreshTokenRecord,
  SessionRecord,
} from '../../src/store/records.ts'
import type { Store } from '../../src/store/store.ts'

export interface StoreUnderTest {
  readonly open: () => Promise<Store>
  /** Opens what `open` made, after it was closed. `undefined` for a store that keeps nothing. */
  readonly reopen?: (closed: Store) => Promise<Store>
}

export const NOW = 1_800_000_000

const revocation = (sid: string): Extract<Change, { kind: 'revocation' }> => ({
  kind: 'revocation',
  key: { kind: 'session', sid },
  revokedAtSeconds: NOW,
  expiresAtSeconds: NOW + 360,
})

const client: ClientRecord = {
  id: 'web',
  secretHash: undefined,
  hasKeys: false,
  certificate: undefined,
  certificateBound: false,
  exchanges: [],
  roles: ['guard'],
  audiences: ['https://docs.example'],
  tenants: ['acme'],
  templates: ['viewer'],
  refresh: undefined,
}

const session = (sid: string, changes: Partial<SessionRecord> = {}): SessionRecord => ({
  sid,
  origin: `origin of ${sid}`,
  clientId: 'web',
  tenant: 'acme',
  principal: 'ann',
  acr: 'mfa',
  amr: ['pwd', 'otp'],
  authTime: NOW - 10,
  keyThumbprint: undefined,
  certificateThumbprint: undefined,
  endsAtSeconds: NOW + 1000,
  endedAtSeconds: undefined,
  provided: {
    issuer: 'https://idp.example',
    attributes: new Map<string, unknown>([
      ['tenant', 'acme'],
      ['__proto__', { clearance: 3 }],
    ]),
    parents: [entityUid('Role', 'auditor')],
  },
  ...changes,
})

const refreshToken = (hash: string, changes: Partial<RefreshTokenRecord> = {}): RefreshTokenRecord => ({
  hash,
  sid: 's1',
  audience: 'https://docs.example',
  networks: ['10.0.0.0/8'],
  details: [
    {
      template: '__proto__',
      resource: entityUid('Document', 'plan"'),
      grantee: entityUid('Team', 'blue'),
      untilSeconds: NOW + 9,
    },
    { template: 'viewer', resource: entityUid('Folder', 'f') },
  ],
  predecessor: undefined,
  usedAtSeconds: NOW,
  spentAtSeconds: undefined,
  salt: undefined,
  ...changes,
})

const grant = (id: string, changes: Partial<GrantRecord> = {}): GrantRecord => ({
  id,
  tenant: 'acme',
  granteeType: 'User',
  granteeId: 'ann',
  template: 'viewer',
  resourceType: 'Document',
  resourceId: `document of ${id}`,
  untilSeconds: undefined,
  createdBy: 'admin',
  createdAtSeconds: NOW,
  ...changes,
})

const grantSet = (digest: string, changes: Partial<GrantSetRecord> = {}): GrantSetRecord => ({
  digest,
  audience: 'https://docs.example',
  tenant: 'acme',
  text: `the text of ${digest}, "quoted" \\u0000 and ü`,
  endsAtSeconds: NOW + 300,
  ...changes,
})

const ann = { id: 'ann', issuer: 'https://idp.example', tenant: 'acme', subject: '1' }

export function describeStore(name: string, { open, reopen }: StoreUnderTest): void {
  describe(`the store contract: ${name}`, () => {
    test('a position moves by one with each change, and only with a change', async () => {
      const store = await open()
      const before = await store.read((view) => view.position())
      await store.write((transaction) => transaction.insertClient(client))
      expect(await store.read((view) => view.position())).toEqual(before)
      const after = await store.write((transaction) => transaction.append(revocation('a')))
      expect(after).toEqual({ epoch: before.epoch, seq: before.seq + 1 })
      expect(await store.read((view) => view.position())).toEqual(after)
      await store.close()
    })

    test('of writes that come together one fails alone, and the others are heard of in order', async () => {
      const store = await open()
      const heard: number[] = []
      store.onChange(({ seq }) => heard.push(seq))
      const { seq: before } = await store.read((view) => view.position())
      const write = (sid: string, fails = false): Promise<number> =>
        store.write(async (transaction) => {
          const { seq } = await transaction.append(revocation(sid))
          if (fails) throw new Error('no')
          return seq
        })
      const names = ['a', 'b', 'c', 'd']
      const outcomes = await Promise.allSettled(names.map((name) => write(name, name === 'b')))
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
      expect(heard).toEqual([before + 1, before + 2, before + 3])
      const changes = await store.read((view) => view.changesAfter(before, 10))
      // each under the number that its write was answered with
      for (const [index, name] of names.entries()) {
        const outcome = outcomes[index]
        const seq = outcome?.status === 'fulfilled' ? outcome.value : undefined
        expect(changes.filter((each) => each.seq === seq)).toEqual(
          seq === undefined ? [] : [{ seq, change: revocation(name) }],
        )
      }
      await store.close()
    })

    test('a session is bound to one certificate, once', async () => {
      const store = await open()
      await store.write(async (transaction) => {
        await transaction.insertPrincipal(ann)
        await transaction.insertSession(session('s1'))
        await transaction.insertSession(session('s2', { certificateThumbprint: 'first' }))
      })
      const bind = (sid: string, thumbprint: string): Promise<boolean> =>
        store.write((transaction) => transaction.bindSession(sid, thumbprint))
      expect(await bind('s1', 'one')).toBe(true)
      expect([await bind('s1', 'other'), await bind('s1', 'one'), await bind('s2', 'one')]).toEqual([
        false,
        false,
        false,
      ])
      const [one, two] = await store.read(async (view) => [await view.session('s1'), await view.session('s2')])
      expect([one?.certificateThumbprint, two?.certificateThumbprint]).toEqual(['one', 'first'])
      await store.close()
    })

    test('a write that fails changes nothing and tells nobody', async () => {
      const store = await open()
      const heard: number[] = []
      store.onChange(({ seq }) => heard.push(seq))
      const failing = store.write(async (transaction) => {
        await transaction.insertClient(client)
        await transaction.append(revocation('a'))
        throw new Error('on purpose')
      })
      await expect(failing).rejects.toThrow('on purpose')
      const [found, position] = await store.read(async (view) => [await view.client('web'), await view.position()])
      expect(found).toBeUndefined()
      expect(position.seq).toBe(0)
      expect(heard).toEqual([])
      await store.close()
    })

    test('concurrent writes give numbers without gaps, heard in order', async () => {
      const store = await open()
      const heard: number[] = []
      store.onChange(({ seq }) => heard.push(seq))
      const positions = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          store.write((transaction) => transaction.append(revocation(String(index)))),
        ),
      )
      const expected = Array.from({ length: 50 }, (_, index) => index + 1)
      expect(positions.map(({ seq }) => seq).sort((left, right) => left - right)).toEqual(expected)
      expect(heard).toEqual(expected)
      const changes = await store.read((view) => view.changesAfter(0, 1000))
      expect(changes.map(({ seq }) => seq)).toEqual(expected)
      await store.close()
    })

    test('what was read is heard, when that is asked for', async () => {
      const store = await open()
      const heard: number[] = []
      store.onChange(({ seq }) => heard.push(seq))
      const writing = store.write((transaction) => transaction.append(revocation('a')))
      const position = await store.read((view) => view.position())
      await store.hear(position)
      expect(heard).toHaveLength(position.seq)
      await store.hear(await writing)
      expect(heard).toEqual([1])
      await store.close()
    })

    test('what comes after the end is refused', async () => {
      const store = await open()
      await store.close()
      await expect(store.read((view) => view.position())).rejects.toMatchObject({ code: 'ERR_AUTHORITY_CLOSED' })
      await expect(store.write((transaction) => transaction.append(revocation('a')))).rejects.toMatchObject({
        code: 'ERR_AUTHORITY_CLOSED',
      })
    })

    test('a read sees one state, whatever is written meanwhile', async () => {
      const store = await open()
      const reading = store.read(async (view) => {
        const first = await view.position()
        const revocations = await view.revocations(NOW)
        const second = await view.position()
        return { first, count: revocations.length, second }
      })
      const writing = store.write((transaction) => transaction.append(revocation('a')))
      const [seen] = await Promise.all([reading, writing])
      expect(seen.second).toEqual(seen.first)
      expect(seen.count).toBe(seen.first.seq)
      await store.close()
    })

    test('records come back as they were kept', async () => {
      const store = await open()
      await store.write(async (transaction) => {
        await transaction.insertClient(client)
        await transaction.insertPrincipal(ann)
        await transaction.insertSession(session('s1'))
        await transaction.insertGrant(grant('g1', { untilSeconds: NOW + 5 }))
      })
      await store.read(async (view) => {
        expect(await view.client('web')).toEqual(client)
        expect(await view.clients()).toEqual([client])
        expect(await view.principal(ann.issuer, 'acme', '1')).toEqual(ann)
        expect(await view.principal(ann.issuer, 'other', '1')).toBeUndefined()
        expect(await view.session('s1')).toEqual(session('s1'))
        expect(await view.sessionByOrigin('origin of s1')).toEqual(session('s1'))
        expect(await view.grant('g1')).toEqual(grant('g1', { untilSeconds: NOW + 5 }))
      })
      await store.close()
    })

    test('the same subject cannot be two principals, nor one sign-in two sessions', async () => {
      const store = await open()
      await store.write((transaction) => transaction.insertPrincipal(ann))
      await expect(store.write((transaction) => transaction.insertPrincipal({ ...ann, id: 'other' }))).rejects.toThrow()
      await store.write((transaction) => transaction.insertSession(session('s1')))
      const again = session('s2', { origin: 'origin of s1' })
      await expect(store.write((transaction) => transaction.insertSession(again))).rejects.toThrow()
      await store.close()
    })

    const ended: readonly [
      string,
      Parameters<Parameters<Parameters<Store['write']>[0]>[0]['endSessions']>[0],
      string[],
    ][] = [
      ['one session', { sid: 's1' }, ['s1']],
      ['a principal', { tenant: 'acme', principal: 'ann' }, ['s1', 's2']],
      ['a client', { clientId: 'app' }, ['s2', 's3']],
      ['a tenant', { tenant: 'other' }, ['s3']],
      ['all', {}, ['s1', 's2', 's3']],
    ]
    test.each(ended)('ending sessions of %s', async (_, query, expected) => {
      const store = await open()
      const bob = { id: 'bob', issuer: ann.issuer, tenant: 'other', subject: '2' }
      await store.write(async (transaction) => {
        await transaction.insertPrincipal(ann)
        await transaction.insertPrincipal(bob)
        await transaction.insertSession(session('s1'))
        await transaction.insertSession(session('s2', { clientId: 'app' }))
        await transaction.insertSession(session('s3', { clientId: 'app', tenant: 'other', principal: 'bob' }))
      })
      expect(await store.write((transaction) => transaction.endSessions(query, NOW))).toBe(expected.length)
      const endedNow = await store.read(async (view) => {
        const found = []
        for (const sid of ['s1', 's2', 's3']) {
          if ((await view.session(sid))?.endedAtSeconds === NOW) found.push(sid)
        }
        return found
      })
      expect(endedNow).toEqual(expected)
      await store.close()
    })

    test('a refresh token is spent once, by whichever transaction is first, and then used no more', async () => {
      const store = await open()
      await store.write(async (transaction) => {
        await transaction.insertPrincipal(ann)
        await transaction.insertSession(session('s1'))
        await transaction.insertRefreshToken(refreshToken('first', { networks: undefined, details: undefined }))
      })
      expect(await store.write((transaction) => transaction.useRefreshToken('first', NOW + 1))).toBe(true)
      const spend = (salt: string): Promise<boolean> =>
        store.write((transaction) =>
          transaction.spendRefreshToken({ hash: 'first', predecessor: undefined }, salt, NOW + 2),
        )
      const salts = Array.from({ length: 20 }, (_, index) => `salt ${index}`)
      const won = await Promise.all(salts.map(spend))
      expect(won.filter(Boolean)).toHaveLength(1)
      const spent = { networks: undefined, details: undefined, usedAtSeconds: NOW + 1, spentAtSeconds: NOW + 2 }
      expect(await store.read((view) => view.refreshToken('first'))).toEqual(
        refreshToken('first', { ...spent, salt: salts[won.indexOf(true)] }),
      )
      expect(await store.write((transaction) => transaction.useRefreshToken('first', NOW + 3))).toBe(false)
      expect(await store.read((view) => view.refreshToken('unknown'))).toBeUndefined()
      await store.close()
    })

    test('the salt of a refresh token is forgotten when its successor is spent', async () => {
      const store = await open()
      await store.write(async (transaction) => {
        await transaction.insertPrincipal(ann)
        await transaction.insertSession(session('s1'))
        await transaction.insertRefreshToken(refreshToken('first', { spentAtSeconds: NOW, salt: 'salt' }))
        await transaction.insertRefreshToken(refreshToken('other', { spentAtSeconds: NOW, salt: 'other salt' }))
        await transaction.insertRefreshToken(refreshToken('second', { predecessor: 'first' }))
      })
      const second = { hash: 'second', predecessor: 'first' }
      await store.write((transaction) => transaction.spendRefreshToken(second, 'next salt', NOW + 1))
      await store.read(async (view) => {
        expect(await view.refreshToken('first')).toEqual(refreshToken('first', { spentAtSeconds: NOW }))
        expect(await view.refreshToken('second')).toMatchObject({ predecessor: 'first', salt: 'next salt' })
        expect(await view.refreshToken('other')).toMatchObject({ salt: 'other salt' })
      })
      await store.close()
    })

    test('a refresh token needs a session and is forgotten with it', async () => {
      const store = await open()
      const orphan = store.write((transaction) => transaction.insertRefreshToken(refreshToken('orphan')))
      await expect(orphan).rejects.toThrow()
      await store.write(async (transaction) => {
        await transaction.insertPrincipal(ann)
        await transaction.insertSession(session('s1'))
        await transaction.insertSession(session('s2', { endsAtSeconds: NOW + 2000 }))
        await transaction.insertRefreshToken(refreshToken('first'))
        await transaction.insertRefreshToken(refreshToken('second', { sid: 's2' }))
        await transaction.prune({
          nowSeconds: NOW + 1000,
          revocationsBeforeSeconds: NOW + 1000,
          changesBeforeSeconds: NOW,
          decisionsBeforeSeconds: NOW - 1_000_000,
        })
      })
      await store.read(async (view) => {
        expect(await view.refreshToken('first')).toBeUndefined()
        expect(await view.session('s1')).toBeUndefined()
        expect(await view.refreshToken('second')).toBeDefined()
      })
      await store.close()
    })

    test('an assertion is used once, until it is forgotten at its end', async () => {
      const store = await open()
      const use = (name: string): Promise<boolean> =>
        store.write((transaction) => transaction.useAssertion(name, NOW + 10))
      const uses = await Promise.all(Array.from({ length: 20 }, () => use('one')))
      expect(uses.filter(Boolean)).toHaveLength(1)
      expect(await use('two')).toBe(true)
      const prune = (nowSeconds: number): Promise<void> =>
        store.write((transaction) =>
          transaction.prune({
            nowSeconds,
            revocationsBeforeSeconds: NOW,
            changesBeforeSeconds: NOW,
            decisionsBeforeSeconds: NOW - 1_000_000,
          }),
        )
      await prune(NOW + 9)
      expect(await use('one')).toBe(false)
      await prune(NOW + 10)
      expect(await use('one')).toBe(true)
      await store.close()
    })

    test('grants are found by tenant and grantee until the very second that they end', async () => {
      const store = await open()
      await store.write(async (transaction) => {
        await transaction.insertGrant(grant('mine'))
        await transaction.insertGrant(grant('of my team', { granteeType: 'Team', granteeId: 'blue' }))
        await transaction.insertGrant(grant('elsewhere', { tenant: 'other' }))
        await transaction.insertGrant(grant('ended', { untilSeconds: NOW }))
        await transaction.insertGrant(grant('ending', { untilSeconds: NOW + 1 }))
        await transaction.insertGrant(grant('of a team named ann', { granteeType: 'Team', granteeId: 'ann' }))
      })
      const grantees = [
        { type: 'User', id: 'ann' },
        { type: 'Team', id: 'blue' },
      ]
      const found = await store.read((view) => view.grantsOf('acme', grantees, NOW))
      expect(found.map(({ id }) => id).sort()).toEqual(['ending', 'mine', 'of my team'])
      await store.close()
    })

    test('a grant set is kept once, until the last token that names it has expired, and not a second longer', async () => {
      const store = await open()
      const keep = (set: GrantSetRecord): Promise<void> => store.write((transaction) => transaction.keepGrantSet(set))
      const found = (digest: string): Promise<GrantSetRecord | undefined> => store.read((view) => view.grantSet(digest))
      const prune = (seconds: number): Promise<void> =>
        store.write((transaction) =>
          transaction.prune({
            nowSeconds: NOW + seconds,
            revocationsBeforeSeconds: NOW,
            changesBeforeSeconds: NOW,
            decisionsBeforeSeconds: NOW - 1_000_000,
          }),
        )
      await keep(grantSet('shared'))
      expect(await found('shared')).toEqual(grantSet('shared'))
      expect(await found('unknown')).toBeUndefined()
      // a second token lives longer, a third one less long
      await keep(grantSet('shared', { endsAtSeconds: NOW + 500 }))
      await keep(grantSet('shared', { endsAtSeconds: NOW + 400 }))
      expect(await found('shared')).toEqual(grantSet('shared', { endsAtSeconds: NOW + 500 }))
      await keep(grantSet('single', { tenant: undefined }))
      expect(await found('single')).toEqual(grantSet('single', { tenant: undefined }))
      await prune(299)
      expect(await found('single')).toBeDefined()
      await prune(300)
      expect(await found('single')).toBeUndefined()
      await prune(499)
      expect(await found('shared')).toBeDefined()
      await prune(500)
      expect(await found('shared')).toBeUndefined()
      await store.close()
    })

    test('a grant set that many tokens name at once is one row, and is not kept by a write that fails', async () => {
      const store = await open()
      const ends = Array.from({ length: 20 }, (_, index) => NOW + 100 + index)
      await Promise.all(
        ends.map((endsAtSeconds) =>
          store.write((transaction) => transaction.keepGrantSet(grantSet('shared', { endsAtSeconds }))),
        ),
      )
      expect(await store.read((view) => view.grantSet('shared'))).toMatchObject({ endsAtSeconds: NOW + 119 })
      const failing = store.write(async (transaction) => {
        await transaction.keepGrantSet(grantSet('lost'))
        throw new Error('on purpose')
      })
      await expect(failing).rejects.toThrow('on purpose')
      expect(await store.read((view) => view.grantSet('lost'))).toBeUndefined()
      await store.close()
    })

    test('decisions are kept once, and denials are grouped by cause', async () => {
      const store = await open()
      const row = (n: number, changes: object = {}): Parameters<typeof insert>[0][number] => ({
        sender: 'docs',
        start: 'start',
        n,
        at: '2027-01-15T08:00:00.000Z',
        decision: 'deny',
        reason: 'no_permit',
        action: 'view',
        principal: 'ann',
        tenant: 'acme',
        policies: [],
        repeats: undefined,
        record: JSON.stringify({ n }),
        ...changes,
      })
      const insert = (rows: Parameters<Parameters<Parameters<Store['write']>[0]>[0]['insertDecisions']>[0]) =>
        store.write((transaction) => transaction.insertDecisions(rows))
      const rows = [
        row(1),
        row(2, { principal: 'bob' }),
        row(3, { reason: 'forbid', policies: ['classified'], repeats: 989 }),
        row(4, { decision: 'allow', reason: 'permit' }),
      ]
      expect(await insert(rows)).toBe(4)
      expect(await insert([...rows, row(5, { sender: 'other' })])).toBe(1)
      const query = { denied: false, since: undefined, limit: 100 }
      await store.read(async (view) => {
        expect(await view.decisions(query)).toHaveLength(5)
        expect(await view.decisions({ ...query, denied: true })).toHaveLength(4)
        expect(await view.decisions({ ...query, since: '2027-01-15T08:00:00.001Z' })).toHaveLength(0)
        const groups = await view.denialGroups(query)
        expect(groups.map(({ reason, count, principals }) => [reason, count, principals])).toEqual([
          ['forbid', 990, 1],
          ['no_permit', 3, 2],
        ])
        expect(groups[0]?.policies).toEqual(['classified'])
        expect((await view.decisions(query)).find(({ n }) => n === 3)?.repeats).toBe(989)
      })
      await store.close()
    })

    test('a key goes through its states, one active and one pending a purpose, and is sealed anew', async () => {
      const store = await open()
      const key = (kid: string, changes: Partial<KeyRecord> = {}): KeyRecord => ({
        kid,
        purpose: 'access',
        algorithm: 'ES256',
        state: 'pending',
        publicJwk: { kty: 'EC', kid },
        sealed: `sealed ${kid}`,
        createdAtSeconds: NOW,
        retiresAtSeconds: undefined,
        ...changes,
      })
      await store.write(async (transaction) => {
        await transaction.insertKey(key('a', { state: 'active' }))
        await transaction.insertKey(key('b'))
        await transaction.insertKey(key('c', { purpose: 'bundle' }))
      })
      await expect(store.write((transaction) => transaction.insertKey(key('d')))).rejects.toThrow()
      const twice = store.write((transaction) => transaction.setKeyState('b', 'active'))
      await expect(twice).rejects.toThrow()
      await store.write(async (transaction) => {
        await transaction.setKeyState('a', 'retiring', NOW + 60)
        await transaction.setKeyState('b', 'active')
        await transaction.resealKey('b', 'sealed anew')
      })
      const keys = await store.read((view) => view.keys())
      expect(keys).toEqual([
        key('a', { state: 'retiring', retiresAtSeconds: NOW + 60 }),
        key('b', { state: 'active', sealed: 'sealed anew' }),
        key('c', { purpose: 'bundle' }),
      ])
      await store.write((transaction) => transaction.resealKey('none', 'x'))
      expect(await store.read((view) => view.keys())).toEqual(keys)
      await store.close()
    })

    test('pruning forgets what is over and says how far the log was cut', async () => {
      const store = await open()
      await store.write(async (transaction) => {
        await transaction.append(revocation('a'))
        await transaction.append({ kind: 'keys' })
        await transaction.insertGrant(grant('ended', { untilSeconds: NOW }))
        await transaction.insertGrant(grant('open'))
      })
      const prune = (seconds: number): Promise<void> =>
        store.write((transaction) =>
          transaction.prune({
            nowSeconds: NOW + seconds,
            revocationsBeforeSeconds: NOW + seconds,
            changesBeforeSeconds: NOW + seconds,
            decisionsBeforeSeconds: NOW - 1_000_000,
          }),
        )
      await prune(0)
      expect(await store.read((view) => view.prunedUpTo())).toBe(0)
      expect(await store.read((view) => view.grant('ended'))).toBeUndefined()
      await prune(1)
      await store.read(async (view) => {
        expect(await view.prunedUpTo()).toBe(2)
        expect(await view.changesAfter(0, 10)).toEqual([])
        expect(await view.revocations(NOW)).toHaveLength(1)
        expect(await view.grant('open')).toBeDefined()
      })
      await prune(360)
      expect(await store.read((view) => view.revocations(NOW))).toEqual([])
      await store.close()
    })

    test('a new epoch starts its own numbers', async () => {
      const store = await open()
      const before = await store.write((transaction) => transaction.append(revocation('a')))
      const after = await store.write((transaction) => transaction.beginEpoch())
      expect(after.seq).toBe(0)
      expect(after.epoch).not.toBe(before.epoch)
      const next = await store.write((transaction) => transaction.append(revocation('b')))
      expect(next).toEqual({ epoch: after.epoch, seq: 1 })
      expect(await store.read((view) => view.revocations(NOW))).toHaveLength(2)
      await store.close()
    })

    test('what concerns some tenants is found, and the end of the log for them', async () => {
      const store = await open()
      const of = (tenant: string): Change => ({ ...revocation('x'), key: { kind: 'principal', tenant, sub: 'ann' } })
      const changes = [of('acme'), revocation('s'), { ...revocation('t'), tenant: 'other' }, of('acme'), of('other')]
      for (const change of changes) await store.write((transaction) => transaction.append(change))
      await store.read(async (view) => {
        const last = (...tenants: string[]): Promise<number> => view.lastConcerning(tenants, 5)
        expect([await last('acme'), await last('other'), await last('third'), await last()]).toEqual([4, 5, 2, 2])
        expect([await view.lastConcerning(['acme'], 3), await view.lastConcerning(['acme'], 0)]).toEqual([2, 0])
        const seqs = async (...tenants: string[]): Promise<number[]> =>
          (await view.revocations(NOW, tenants)).map(({ at }) => at.seq)
        expect([await seqs('acme'), await seqs('other'), await seqs()]).toEqual([[1, 2, 4], [2, 3, 5], [2]])
        expect(await view.changesAfter(2, 1)).toEqual([{ seq: 3, change: changes[2] }])
      })
      await store.close()
    })

    test('what concerns tokens without a tenant concerns everybody', async () => {
      const store = await open()
      const key = { kind: 'principal', tenant: '', sub: 'service' } as const
      await store.write((transaction) => transaction.append({ ...revocation('x'), key }))
      await store.read(async (view) => {
        expect(await view.lastConcerning(['acme'], 1)).toBe(1)
        expect(await view.revocations(NOW, ['acme'])).toHaveLength(1)
      })
      await store.close()
    })

    test('what was pruned counts as heard by everybody', async () => {
      const store = await open()
      await store.write((transaction) => transaction.append(revocation('a')))
      await store.write((transaction) => transaction.append({ ...revocation('b'), tenant: 'other' }))
      await store.write((transaction) =>
        transaction.prune({
          nowSeconds: NOW,
          revocationsBeforeSeconds: 0,
          changesBeforeSeconds: NOW + 1_000_000,
          decisionsBeforeSeconds: 0,
        }),
      )
      expect(await store.read((view) => view.lastConcerning(['acme'], 2))).toBe(2)
      expect(await store.read((view) => view.lastConcerning(['acme'], 1))).toBe(1)
      await store.close()
    })

    test('the key that people are named by stays, and is another one in the next epoch', async () => {
      const store = await open()
      const key = await store.read((view) => view.subjectKey())
      expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(await store.read((view) => view.subjectKey())).toBe(key)
      await store.write((transaction) => transaction.beginEpoch())
      expect(await store.read((view) => view.subjectKey())).not.toBe(key)
      await store.close()
    })

    test('a closed store refuses work and has finished what it had', async () => {
      const store = await open()
      const last = store.write((transaction) => transaction.append(revocation('a')))
      await store.close()
      await expect(last).resolves.toMatchObject({ seq: 1 })
      await expect(store.read((view) => view.position())).rejects.toMatchObject({ code: 'ERR_AUTHORITY_CLOSED' })
    })

    test.runIf(reopen !== undefined)('everything is there after closing and opening again', async () => {
      const store = await open()
      const position = await store.write(async (transaction) => {
        await transaction.insertClient(client)
        await transaction.keepGrantSet(grantSet('kept'))
        return transaction.append(revocation('a'))
      })
      await store.close()
      const again = await reopen?.(store)
      await again?.read(async (view) => {
        expect(await view.position()).toEqual(position)
        expect(await view.client('web')).toEqual(client)
        expect(await view.revocations(NOW)).toHaveLength(1)
        expect(await view.grantSet('kept')).toEqual(grantSet('kept'))
      })
      await again?.close()
      expect(again).toBeDefined()
    })
  })
}
