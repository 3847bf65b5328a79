// That what `authority`, `grants` and `feed` start still starts, answers and ends. Times are looked at by nobody.

import { describe, expect, it, vi } from 'vitest'
import { type AuthorityBench, benchAuthority } from '../authority/authority.ts'
import { benchFeed } from '../feed/feed.ts'
import { judge } from '../goals.ts'
import { benchGrants } from '../grants/grants.ts'
import { QUIET } from '../harness.ts'

const SMALL: AuthorityBench = { people: 12, grants: 2, concurrency: 4, rounds: 1, requestsARound: 8, warmUp: 4 }

describe('authority', () => {
  it('gets every kind of token from both stores and the peer, and grants are smaller packed', async () => {
    const { rows = [], figures = [], unmeasured = [] } = await benchAuthority(SMALL)
    const ours = ['exchange', 'exchange again', 'refresh', 'client credentials']
    const subjects = [...ours, ...ours.map((name) => `${name}, PostgreSQL`), 'oidc-provider client credentials']
    // what PostgreSQL has of a core is counted on Linux
    const gaps = unmeasured.filter((row) => row.case === 'token' || process.platform === 'linux')
    expect(gaps).toEqual([])
    for (const name of ['token', 'token, core time']) {
      const times = rows.filter((row) => row.case === name)
      const uncounted = unmeasured.filter((row) => row.case === name).map(({ subject }) => subject)
      expect(times.map(({ subject }) => subject)).toEqual(subjects.filter((subject) => !uncounted.includes(subject)))
      expect(times.every(({ medianNs }) => medianNs > 0)).toBe(true)
    }
    const bytes = (subject: string): number => figures.find((figure) => figure.subject === subject)?.value ?? Number.NaN
    expect(bytes('packed')).toBeGreaterThan(200 * 22)
    expect(bytes('RFC 9396, no grantee')).toBeGreaterThan(3 * bytes('packed'))
    expect(bytes('RFC 9396')).toBeGreaterThan(bytes('RFC 9396, no grantee'))
  }, 120_000)

  it('measures the others when there is no PostgreSQL, says why, and misses the goal', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    const {
      rows = [],
      figures = [],
      unmeasured = [],
    } = await benchAuthority({ ...SMALL, database: 'postgres://nobody:not-to-be-said@127.0.0.1:1/none' })
    expect(said).toHaveBeenCalled()
    said.mockRestore()
    expect(rows.filter((row) => row.case === 'token')).toHaveLength(5)
    for (const name of ['token', 'token, core time']) {
      const gaps = unmeasured.filter((row) => row.case === name)
      expect(gaps.map(({ subject }) => subject)).toContain('exchange, PostgreSQL')
      for (const { reason } of gaps) expect(reason).toMatch(/the database did not answer/)
    }
    expect(JSON.stringify(unmeasured)).not.toContain('not-to-be-said')
    expect(judge({ rows, figures, unmeasured })).toContainEqual(
      expect.objectContaining({
        goal: 'exchange on PostgreSQL over oidc-provider client credentials',
        verdict: 'missed',
        figure: undefined,
      }),
    )
  }, 60_000)
})

describe('grants', () => {
  it('has every grant of a person who has too many for a token, and weighs token, set and times', async () => {
    const { figures = [] } = await benchGrants({
      people: 2,
      warmUp: 1,
      grantsATeam: 60,
      held: 5,
      measuring: { ...QUIET, rounds: 2 },
    })
    const of = (subject: string): Map<string, number> =>
      new Map(figures.filter((figure) => figure.subject === subject).map((figure) => [figure.case, figure.value]))
    const named = of('600 grants, named')
    const shared = ['first authentication', 'first decision', 'repeated authentication', 'decision']
    expect([...named.keys()]).toEqual([
      'size of the token',
      'size of the set',
      'exchange that makes the set',
      'exchange of one more sign-in',
      'fetch of the set',
      ...shared,
    ])
    expect([...of('5 grants, held').keys()]).toEqual(['size of the token', 'exchange', ...shared])
    for (const { value } of figures) expect(value).toBeGreaterThan(0)
    // the members are in the set, and not in the token
    expect(named.get('size of the set')).toBeGreaterThan(600 * 22)
    expect(named.get('size of the token')).toBeLessThan(2000)
  }, 60_000)
})

describe('feed', () => {
  it('has every guard deny what was revoked, and weighs the authority and an entry', async () => {
    const { figures = [], rows = [] } = await benchFeed({
      guards: 5,
      processes: 2,
      revocations: 2,
      pauseMilliseconds: 1,
      entries: 2000,
      measuring: { ...QUIET, rounds: 2 },
    })
    const valueOf = (name: string): number => figures.find((figure) => figure.case === name)?.value ?? Number.NaN
    expect(valueOf('request to denial, p50')).toBeGreaterThan(0)
    expect(valueOf('answer to the last denial, p99')).toBeGreaterThanOrEqual(valueOf('answer to denial, p50'))
    expect(valueOf('resident, 5 guards')).toBeGreaterThan(1e7)
    const entries = figures.filter((figure) => figure.case === 'memory per revocation')
    expect(entries.map(({ subject }) => subject)).toEqual(['session', 'token', 'principal'])
    for (const { value } of entries) expect(value).toBeGreaterThan(20)
    const subjects = (name: string): string[] =>
      rows.filter((row) => row.case === name && row.medianNs > 0).map(({ subject }) => subject)
    expect(subjects('whether a token is revoked')).toEqual([
      'nothing revoked',
      'nobody of the tenant revoked',
      'others of the tenant revoked',
      'others revoked, caller not seen before',
      'others revoked, plain names',
    ])
    expect(subjects('which of 200 grants are left')).toEqual([
      'nothing new',
      'news, no grant of the caller',
      'news, one grant of the caller',
    ])
  }, 60_000)
})
