// The gate, where another decides: an answer goes out once all that was asked is answered, and allowed.

import { describe, expect, test } from 'vitest'
import { guarded } from '../../src/adapter/fetch.ts'
import { ALLOW, type Appointments, DENY, later, plan } from '../support/deciders.ts'
import { ANN, createWorld, OFFICE, tokenFor } from '../support/world.ts'

describe('the gate', () => {
  const service = async (deciders: Appointments, handler: Parameters<typeof guarded>[2]) => {
    const { guard } = await createWorld({ deciders })
    const routes = { 'GET /documents/:id': { action: 'view' } } as const
    const handle = guarded(guard, { routes, connectionOf: () => ({ address: OFFICE }), graceMilliseconds: 0 }, handler)
    const headers = { authorization: `Bearer ${await tokenFor(ANN)}` }
    return handle(new Request('https://documents.example/documents/plan', { headers }))
  }

  test('lets an answer out that was waited for, and one of a deny not', async () => {
    const handler: Parameters<typeof service>[1] = async (_request, { auth }) =>
      Response.json(await auth.ask('view', plan))
    expect((await service({ view: later('alone', ALLOW) }, handler)).status).toBe(200)
    expect((await service({ view: later('alone', DENY) }, handler)).status).toBe(404)
  })

  test.each<[string, unknown]>([
    ['an allow', ALLOW],
    ['a deny', DENY],
  ])('holds back what did not wait for %s, also beside another allow', async (_name, answer) => {
    const response = await service({ edit: later('alone', answer) }, (_request, { auth }) => {
      const row = auth.authorize('view', plan)
      void auth.ask('edit', plan)
      return Response.json(row)
    })
    expect(response.status).toBe(500)
  })

  test('holds back an answer in spite of a deny that came later', async () => {
    const response = await service({ edit: later('alone', DENY) }, async (_request, { auth }) => {
      const row = auth.authorize('view', plan)
      await auth.ask('edit', plan).catch(() => undefined)
      return Response.json(row)
    })
    expect(response.status).toBe(500)
  })
})
