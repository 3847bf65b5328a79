// The document service. Each route names its action; each handler decides on what it loaded, right before it uses it.

import type { Guard } from '@cardea/guard'
import { cardea } from '@cardea/guard/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import { Document, Folder } from '../access.ts'
import type { Database } from './database.ts'
import {
  createDocument,
  type Draft,
  deleteDocument,
  documentById,
  documentsWhere,
  folderById,
  markShared,
  saveDocument,
} from './documents.ts'
import { streamEvents } from './events.ts'
import type { Share, Sharing } from './sharing.ts'

export interface ServiceParts {
  readonly guard: Guard
  readonly db: Kysely<Database>
  readonly sharing: Sharing
}

/** Builds the service; the caller listens. A route that names neither an action nor `public` fails here. */
export async function createService({ guard, db, sharing }: ServiceParts): Promise<FastifyInstance> {
  const app = fastify()
  await app.register(cardea, { guard })

  app.get('/health', { config: { public: true } }, () => 'ok')

  app.get('/documents', { config: { action: 'view' } }, (request) =>
    documentsWhere(db, request.auth.filter('view', Document)),
  )

  app.get<ById>('/documents/:id', { config: { action: 'view' } }, async (request) =>
    request.auth.authorize('view', Document(await documentById(db, request.params.id))),
  )

  app.put<ById & { Body: Draft }>('/documents/:id', { config: { action: 'edit' }, schema: DRAFT }, async (request) => {
    const document = request.auth.authorize('edit', Document(await documentById(db, request.params.id)))
    await saveDocument(db, document, { title: request.body.title, body: request.body.body })
    return { saved: document.id }
  })

  app.delete<ById>('/documents/:id', { config: { action: 'delete' } }, async (request) => {
    const document = request.auth.authorize('delete', Document(await documentById(db, request.params.id)))
    await deleteDocument(db, document)
    return { deleted: document.id }
  })

  app.post<ById & { Body: Draft }>(
    '/folders/:id/documents',
    { config: { action: 'create' }, schema: DRAFT },
    async (request) => {
      const folder = request.auth.authorize('create', Folder(await folderById(db, request.params.id)))
      return createDocument(db, folder, request.auth.principal.id, request.body)
    },
  )

  const share = { config: { action: 'share' }, schema: SHARE } as const
  app.post<ById & { Body: Share }>('/documents/:id/shares', share, async (request, reply) => {
    const tenant = sharing.tenantOf(request.body.with)
    const outside = tenant !== request.auth.tenant
    const row = Document(await documentById(db, request.params.id))
    const document = request.auth.authorize('share', row, { outside })
    if (tenant === undefined) return reply.code(422).send({ title: 'nobody has that id' })
    const shared = await sharing.share(document, request.body)
    // last, so that a grant that was refused leaves the document apart
    if (outside) await markShared(db, document)
    return shared
  })

  app.get<ById>('/documents/:id/events', { config: { action: 'view' } }, async (request, reply) => {
    const document = request.auth.authorize('view', Document(await documentById(db, request.params.id)))
    return streamEvents(reply, document, request.auth.signal)
  })

  return app
}

interface ById {
  Params: { id: string }
}

/** What a caller may say; Fastify takes off everything else. */
const DRAFT = { body: object({ title: { type: 'string' }, body: { type: 'string' } }) }
const SHARE = { body: object({ with: { type: 'string' }, as: { enum: ['viewer', 'editor'] } }) }

function object(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', required: Object.keys(properties), additionalProperties: false, properties }
}
