// That what `authority` and `feed` start still starts, answers and ends. Times are looked at by nobody.

import { describe, expect, it } from 'vitest'
import { benchAuthority } from '../authority/authority.ts'
import { benchFeed } from '../feed/feed.ts'

describe('authority', () => {
  it('gets every kind of token from both servers, and grants are smaller packed', async () => {
    const { rows = [], figures = [] } = await benchAuthority({
      people: 12,
      grants: 2,
      concurrency: 4,
      rounds: 1,
      requestsARound: 8,
      warmUp: 4,
    })
    const subjects = ['exchange', 'exchange again', 'client credentials', 'oidc-provider client credentials']
    for (const name of ['token', 'token, core time']) {
      const times = rows.filter((row) => row.case === name)
      expect(times.map(({ subject }) => subject)).toEqual(subjects)
      expect(times.every(({ medianNs }) => medianNs > 0)).toBe(true)
    }
    const bytes = (subject: string): number => figures.find((figure) => figure.subject === subject)?.value ?? Number.NaN
    expect(bytes('packed')).toBeGreaterThan(200 * 22)
    expect(bytes('RFC 9396, no grantee')).toBeGreaterThan(3 * bytes('packed'))
    expect(bytes('RFC 9396')).toBeGreaterThan(bytes('RFC 9396, no grantee'))
  }, 60_000)
})

describe('feed', () => {
  it('has every guard deny what was revoked, and weighs the authority and an entry', async () => {
    const { figures = [] } = await benchFeed({
      guards: 5,
      processes: 2,
      revocations: 2,
      pauseMilliseconds: 1,
      entries: 2000,
    })
    const valueOf = (name: string): number => figures.find((figure) => figure.case === name)?.value ?? Number.NaN
    expect(valueOf('request to denial, p50')).toBeGreaterThan(0)
    expect(valueOf('answer to the last denial, p99')).toBeGreaterThanOrEqual(valueOf('answer to denial, p50'))
    expect(valueOf('resident, 5 guards')).toBeGreaterThan(1e7)
    const entries = figures.filter((figure) => figure.case === 'memory per revocation')
    expect(entries.map(({ subject }) => subject)).toEqual(['session', 'token', 'principal'])
    for (const { value } of entries) expect(value).toBeGreaterThan(20)
  }, 60_000)
})
