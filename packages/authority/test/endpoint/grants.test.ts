// Grants: what can be granted, what is granted once, and that taking one back reaches tokens that are out.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyOf, createWorld, hear, ISSUER, NOW, sources, type World } from '../fixture.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ limits: { grantsAGrantee: 5 } })
})
afterAll(() => world.authority.close())

const grant = { tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource: 'Document::"plan"' }

async function list(query = ''): Promise<Record<string, unknown>[]> {
  const body = await bodyOf(await world.api('admin', 'GET', `/v1/grants${query}`))
  return body['grants'] as Record<string, unknown>[]
}

describe('a grant', () => {
  test('is made, listed and taken back, and guards hear of the last', async () => {
    const until = new Date((NOW + 3600) * 1000).toISOString()
    const made = await world.api('sharing', 'POST', '/v1/grants', { ...grant, until })
    expect(made.status).toBe(201)
    const { id, position } = await bodyOf(made)
    expect(await list('?tenant=acme')).toEqual([
      { ...grant, id, until, createdBy: 'sharing', createdAt: new Date(NOW * 1000).toISOString() },
    ])
    expect(await list('?tenant=other')).toEqual([])
    expect(await list(`?grantee=${encodeURIComponent('User::"ann"')}`)).toHaveLength(1)
    expect(await list(`?resource=${encodeURIComponent('Document::"other"')}`)).toHaveLength(0)
    const removed = await world.api('sharing', 'DELETE', `/v1/grants/${String(id)}`)
    expect(removed.status).toBe(200)
    const after = (await bodyOf(removed))['position'] as { epoch: string; seq: number }
    expect(after.seq).toBe((position as { seq: number }).seq + 1)
    const { entries, names } = await hear(world)
    expect(entries).toContainEqual({
      key: { kind: 'grant', ...grant, grantee: names.grantee(grant.tenant, grant.grantee) },
      at: after,
      revokedAtSeconds: NOW,
      expiresAtSeconds: NOW + 360,
    })
    expect(await list()).toEqual([])
    expect((await world.api('sharing', 'DELETE', `/v1/grants/${String(id)}`)).status).toBe(404)
  })

  test('made again is the same one; with another end it is refused', async () => {
    const first = await bodyOf(await world.api('sharing', 'POST', '/v1/grants', grant))
    const again = await bodyOf(await world.api('sharing', 'POST', '/v1/grants', grant))
    expect(again['id']).toBe(first['id'])
    const other = await world.api('sharing', 'POST', '/v1/grants', {
      ...grant,
      until: new Date((NOW + 9) * 1000).toISOString(),
    })
    expect(await bodyOf(other)).toMatchObject({ code: 'ERR_AUTHORITY_GRANT' })
    await world.authority.service.removeGrant(String(first['id']))
  })

  test('that was revoked by its name is gone too', async () => {
    await world.authority.service.grant(grant)
    await world.authority.service.revoke({ kind: 'grant', ...grant })
    expect(await list()).toEqual([])
  })

  test('is bounded in number', async () => {
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) {
      ids.push((await world.authority.service.grant({ ...grant, resource: `Document::"${n}"` })).id)
    }
    const response = await world.api('sharing', 'POST', '/v1/grants', grant)
    expect(response.status).toBe(409)
    expect(await bodyOf(response)).toMatchObject({ code: 'ERR_AUTHORITY_GRANT_TOO_MANY' })
    for (const id of ids) await world.authority.service.removeGrant(id)
  })

  const refused: readonly [string, object, number, string][] = [
    ['a template that is none', { template: 'owner-manages' }, 422, 'ERR_AUTHORITY_GRANT_TEMPLATE'],
    ['a forbid', { template: 'tenants-apart' }, 422, 'ERR_AUTHORITY_GRANT_TEMPLATE'],
    ['an unknown template', { template: 'constructor' }, 422, 'ERR_AUTHORITY_GRANT_TEMPLATE'],
    ['an unknown tenant', { tenant: 'evil' }, 422, 'ERR_AUTHORITY_GRANT'],
    ['a grantee that is no entity', { grantee: 'ann' }, 422, 'ERR_AUTHORITY_GRANT'],
    ['a grantee of an unknown type', { grantee: 'Robot::"r"' }, 422, 'ERR_AUTHORITY_GRANT'],
    ['a resource with more after it', { resource: 'Document::"a" || true' }, 422, 'ERR_AUTHORITY_GRANT'],
    ['a resource without an id', { resource: 'Document::""' }, 422, 'ERR_AUTHORITY_GRANT'],
    ['an id that no token can carry', { resource: `Document::"${'x'.repeat(257)}"` }, 422, 'ERR_AUTHORITY_GRANT'],
    ['an end that has passed', { until: new Date(NOW * 1000).toISOString() }, 422, 'ERR_AUTHORITY_GRANT'],
    ['an end that is no time', { until: 'tomorrow' }, 400, 'ERR_AUTHORITY_REQUEST'],
    ['an unknown member', { effect: 'permit' }, 400, 'ERR_AUTHORITY_REQUEST'],
  ]
  test.each(refused)('of %s is refused', async (_, changes, status, code) => {
    const response = await world.api('admin', 'POST', '/v1/grants', { ...grant, ...changes })
    expect(response.status).toBe(status)
    expect(await bodyOf(response)).toMatchObject({ code })
  })

  test("of another tenant or template is not a granter's to see or to take back", async () => {
    const { id } = await world.authority.service.grant({ ...grant, template: 'editor' })
    const seen = await bodyOf(await world.api('sharing', 'GET', '/v1/grants'))
    expect(seen['grants']).toEqual([])
    const one = await world.api('sharing', 'DELETE', `/v1/grants/${id}`)
    const none = await world.api('sharing', 'DELETE', '/v1/grants/none')
    const strip = async (response: Response): Promise<unknown> => ({ ...(await bodyOf(response)), correlation: '' })
    expect(await strip(one)).toEqual(await strip(none))
    await world.authority.service.removeGrant(id)
  })
})

test('a JSON body is read strictly', async () => {
  const post = async (body: string): Promise<number> =>
    (
      await world.authority.app.request(`${ISSUER}/v1/grants`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await world.own('admin')}`, 'content-type': 'application/json' },
        body,
      })
    ).status
  expect(await post('{"tenant":"acme","tenant":"other"}')).toBe(400)
  expect(await post('{"__proto__":{}}')).toBe(400)
  expect(await post('[')).toBe(400)
  expect(await post('['.repeat(20_000))).toBe(400)
  expect(await post(`"${'x'.repeat(70_000)}"`)).toBe(413)
})

describe('a template with `@until`', () => {
  const ending = sources.policies.map(({ file, text }) => ({
    file,
    text: text.replace('@id("viewer")', '@id("viewer") @until'),
  }))
  const until = new Date((NOW + 3600) * 1000).toISOString()

  test('is granted only until a time', async () => {
    const own = await createWorld()
    await own.authority.service.publish({ ...sources, policies: ending })
    const endless = await own.api('sharing', 'POST', '/v1/grants', grant)
    expect(endless.status).toBe(422)
    expect(await bodyOf(endless)).toMatchObject({ code: 'ERR_AUTHORITY_GRANT' })
    expect((await own.api('sharing', 'POST', '/v1/grants', { ...grant, until })).status).toBe(201)
    await own.authority.close()
  })

  test('is in no token by a grant from before, which has no end', async () => {
    const own = await createWorld()
    await own.authority.service.grant({ ...grant, resource: 'Document::"before"' })
    await own.authority.service.grant({ ...grant, resource: 'Document::"other"', until })
    const granted = async (): Promise<string> => {
      const { access_token: token } = await bodyOf(await own.exchange())
      return Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()
    }
    expect(await granted()).toContain('before')
    await own.authority.service.publish({ ...sources, policies: ending })
    const after = await granted()
    expect(after).toContain('other')
    expect(after).not.toContain('before')
    await own.authority.close()
  })
})
