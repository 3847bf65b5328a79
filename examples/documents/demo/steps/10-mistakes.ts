// Mistakes of a programmer: a route without an action, and a handler that ignores a deny.

import type { AddressInfo } from 'node:net'
import { cardea } from '@cardea/guard/fastify'
import fastify from 'fastify'
import { Document } from '../../access.ts'
import { documentById } from '../../service/documents.ts'
import { callerFor } from '../caller.ts'
import { send } from '../http.ts'
import type { Step } from '../step.ts'

export const mistakes: Step = {
  title: 'A route without an action; a handler that ignores a deny',
  async run(world, show) {
    const { guard, db } = world.service
    const careless = fastify()
    await careless.register(cardea, { guard })
    const refusal = await messageOf(async () => {
      careless.get('/oops', () => 'secret')
      await careless.ready()
    })
    show.block(refusal)
    show.check('the service refuses to start and names the route', refusal.includes('/oops'))

    const ignoring = fastify()
    await ignoring.register(cardea, { guard })
    ignoring.get<{ Params: { id: string } }>('/documents/:id', { config: { action: 'view' } }, async (request) => {
      const row = await documentById(db, request.params.id)
      request.auth.decide('view', Document(row))
      return row
    })
    await ignoring.listen({ port: 0, host: '127.0.0.1' })
    const { port } = ignoring.server.address() as AddressInfo
    const ann = await callerFor(world, 'ann')
    const answer = await send({
      method: 'GET',
      url: `http://127.0.0.1:${port}/documents/prices`,
      headers: { authorization: `Bearer ${ann.token}`, host: `acme.localhost:${port}`, 'x-forwarded-for': '10.1.2.3' },
    })
    await ignoring.close()
    show.answer("a handler that returns globex's prices although it was denied", answer, 500)
    show.check('nothing of the document is in the answer', !answer.text.includes('prices'))
  },
}

async function messageOf(start: () => Promise<void>): Promise<string> {
  try {
    await start()
    return 'it started'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
