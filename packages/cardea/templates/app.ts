import { createGuard, mapEntity } from '@cardea/guard'
import { cardea } from '@cardea/guard/fastify'
import fastify from 'fastify'
import { schema } from './schema.gen.ts'

const notes = new Map([['hello', { id: 'hello', tenant: 'acme', owner: 'ann', text: 'Hello.' }]])
const Note = mapEntity(schema, 'Note', { table: 'notes', id: 'id', attributes: { tenant: 'tenant', owner: 'owner' } })

const guard = await createGuard({
  schema,
  authority: process.env['CARDEA_AUTHORITY_URL'] ?? 'http://127.0.0.1:8181',
  audience: 'https://notes.example',
  client: { id: 'notes', secret: process.env['CARDEA_NOTES_SECRET'] ?? '' },
})
const app = fastify()
await app.register(cardea, { guard })

app.get<{ Params: { id: string } }>('/notes/:id', { config: { action: 'view' } }, (request) =>
  request.auth.authorize('view', Note(notes.get(request.params.id))),
)

const address = await app.listen({ port: 3000, host: '127.0.0.1' })
console.log(
  `notes at ${address}; try: curl -H "Authorization: Bearer $(npx cardea token --as ann)" ${address}/notes/hello`,
)
