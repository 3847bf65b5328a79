// GET /v1/policies/current and POST /v1/policies

import type { AppContext } from '../../http/context.ts'
import { z } from 'zod'
import { AuthorityError } from '../../errors.ts'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { isoTime, writeHeaders } from '../../http/answer.ts'
import { readJson } from '../../http/body.ts'
import type { Parts } from '../../parts.ts'

const source = z.strictObject({ file: z.string().min(1).max(300), text: z.string() })

const publication = z.strictObject({
  schema: source,
  policies: z.array(source).min(1).max(1000),
  forbidErrors: z.enum(['deny', 'skip']).default('deny'),
  stage: z.enum(['now', 'when-tokens-know']).default('when-tokens-know'),
})

export async function currentPolicy(
  context: AppContext,
  auth: OwnAuth,
  { publisher, store }: Parts,
): Promise<Response> {
  requireAllowed(auth.decide('readPolicy', THIS))
  const published = publisher.current()
  if (published === undefined) return context.json({ revision: 0 }, 200, { etag: '"0"' })
  const staged = await store.read((view) => view.staged())
  const { revision, digest, schemaText, sources, forbidErrors, createdBy, createdAtSeconds } = published
  return context.json(
    {
      revision,
      digest,
      schema: schemaText,
      policies: sources,
      forbidErrors,
      createdBy,
      createdAt: isoTime(createdAtSeconds),
      ...(staged === undefined ? {} : { staged: { activatesAt: isoTime(staged.activatesAtSeconds) } }),
    },
    200,
    { etag: `"${revision}"`, 'cache-control': 'no-store' },
  )
}

export async function publishPolicy(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('publishPolicy', THIS))
  const basedOn = readRevision(context.req.header('if-match'))
  const { schema, policies, forbidErrors, stage } = await readJson(
    context,
    publication,
    parts.settings.limits.policyBytes,
  )
  const made = await parts.publisher.publish({ schema, policies, forbidErrors, stage, basedOn, by: auth.principal.id })
  const { revision, digest, position, activatesAtSeconds, warnings } = made
  return context.json(
    {
      revision,
      digest,
      position,
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(activatesAtSeconds === undefined ? {} : { staged: { activatesAt: isoTime(activatesAtSeconds) } }),
    },
    201,
    { ...writeHeaders(position), etag: `"${revision}"` },
  )
}

/** `If-Match: "7"`. RFC 9110 section 13.1.1; a list or `*` says nothing about what was looked at. */
function readRevision(header: string | undefined): number {
  if (header === undefined) throw new AuthorityError('ERR_AUTHORITY_POLICY_REVISION_MISSING')
  const revision = /^"(0|[1-9][0-9]{0,14})"$/.exec(header.trim())?.[1]
  if (revision === undefined)
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`If-Match` must be one revision in quotes')
  return Number(revision)
}
