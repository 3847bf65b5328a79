// What is written down: who did what, and never what would let anybody else do it.

import { Writable } from 'node:stream'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { redaction } from '../src/log.ts'
import { basic, bodyOf, createWorld, DOCS, SECRETS, sources } from './fixture.ts'

describe('the log', () => {
  test('holds no token, no secret and no claim value, whatever goes right or wrong', async () => {
    const lines: string[] = []
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString())
        done()
      },
    })
    const world = await createWorld({ log: pino({ level: 'trace', redact: redaction }, stream) })
    const idToken = await world.provider.idToken({ sub: 'marked-subject', email: 'marked@example.com' })
    const token = String((await bodyOf(await world.exchange({ subject_token: idToken })))['access_token'])
    const own = await world.own('admin')
    await world.exchange({ subject_token: `${idToken}x` })
    await world.exchange({ subject_token: await world.provider.idToken({ org_id: 'marked-tenant' }) })
    await world.exchange({ scope: 'marked-scope' })
    await world.exchange({}, { dpop: 'marked-proof' })
    await world.token(
      undefined,
      { grant_type: 'marked-grant' },
      { authorization: basic('marked-client', 'marked-secret') },
    )
    await world.api(
      'admin',
      'POST',
      '/v1/policies',
      { ...sources, policies: [{ file: 'p.cedar', text: 'marked-policy' }] },
      { 'if-match': '"1"' },
    )
    await world.api('sharing', 'POST', '/v1/revocations', { key: { kind: 'session', sid: 'marked-session' } })
    await world.authority.app.request(`https://authority.example/v1/keys`, {
      headers: { authorization: `Bearer ${own}x` },
    })
    await world.authority.app.request(`https://authority.example/v1/feed/head?audience=${DOCS}&token=${token}`)
    await world.authority.close()
    const text = lines.join('')
    expect(lines.length).toBeGreaterThan(5)
    for (const secret of [idToken, token, own, token.split('.')[2] ?? '', ...Object.values(SECRETS)]) {
      expect(text).not.toContain(secret)
    }
    expect(text).not.toMatch(/marked/)
  })

  test('has one line a line, whatever a caller sends', async () => {
    const lines: string[] = []
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString())
        done()
      },
    })
    const world = await createWorld({ log: pino({ level: 'trace', redact: redaction }, stream) })
    await world.authority.app.request('https://authority.example/a%0a{"level":60}%1b[31m')
    await world.authority.close()
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow()
    expect(lines.join('')).not.toContain('\u001b')
  })
})

describe("the authority's own decisions", () => {
  test('are in the log of decisions: denials, and what changed something', async () => {
    const world = await createWorld()
    await world.api('docs', 'GET', `/v1/feed/head?audience=${DOCS}`)
    await world.api('docs', 'GET', '/v1/keys')
    await world.api('admin', 'POST', '/v1/keys/rotate', { now: true })
    await world.authority.app.request('https://authority.example/v1/keys', { headers: { authorization: 'Bearer x' } })
    const issued = await world.exchange()
    const refused = await world.exchange({ audience: 'https://unknown.example' })
    const { records } = (await bodyOf(await world.api('admin', 'GET', '/v1/log'))) as {
      records: Record<string, unknown>[]
    }
    const own = records.filter(({ sender }) => sender === 'authority')
    expect(own.map(({ decision, action, principal }) => [decision, action, principal])).toEqual(
      expect.arrayContaining([
        ['deny', 'readKeys', 'Client::"docs"'],
        ['allow', 'changeKeys', 'Client::"admin"'],
        ['deny', undefined, undefined],
        ['allow', 'obtainToken', 'User::"ann"'],
        ['deny', 'obtainToken', undefined],
      ]),
    )
    expect(issued.status).toBe(200)
    const { correlation, code } = await bodyOf(refused)
    expect(own).toContainEqual(expect.objectContaining({ correlation, reason: code }))
    expect(own.some(({ action }) => action === 'followFeed')).toBe(false)
    await world.authority.close()
  })

  test('are bounded when nobody in particular knocks all day', async () => {
    const world = await createWorld()
    for (let n = 0; n < 400; n += 1) {
      await world.authority.app.request('https://authority.example/v1/keys', { headers: { authorization: 'Bearer x' } })
    }
    const count = async (): Promise<number> => {
      const log = await bodyOf(await world.api('admin', 'GET', '/v1/log?denied=true&limit=1000'))
      return (log['records'] as unknown[]).length
    }
    expect(await count()).toBe(300)
    world.clock.seconds += 60
    await world.authority.app.request('https://authority.example/v1/keys', { headers: { authorization: 'Bearer x' } })
    expect(await count()).toBe(301)
    await world.authority.close()
  })
})
