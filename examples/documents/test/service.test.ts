// What a caller says in a body is what the form of the body lets through, and nothing that the policy relies on.

import { createGuard } from '@cardea/guard'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, expect, it } from 'vitest'
import { fill } from '../people/documents.ts'
import { NETWORKS } from '../people/people.ts'
import { schema } from '../schema.gen.ts'
import { createService } from '../service/app.ts'
import { openDatabase } from '../service/database.ts'
import { documentById } from '../service/documents.ts'
import type { Share } from '../service/sharing.ts'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'https://documents.example'
const { privateKey, publicKey } = await generateKeyPair('ES256')
const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig', kty: 'EC' as const }

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function tokenOf(person: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { tenant: 'acme', networks: NETWORKS.acme, external: false, teams: [], roles: [] }
  return new SignJWT({ ...claims, client_id: 'web', jti: person, acr: 'mfa', auth_time: now })
    .setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(person)
    .setIssuedAt(now)
    .setExpirationTime(now + 300)
    .sign(privateKey)
}

async function start() {
  const guard = await createGuard({
    schema,
    policies: `${import.meta.dirname}/../policy`,
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { keys: [jwk] },
    claims: {
      principal: { type: 'User', id: 'sub' },
      attributes: { tenant: 'tenant', networks: 'networks', external: 'external' },
      parents: { Team: 'teams', Role: 'roles' },
      tenant: 'tenant',
    },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  })
  const db = openDatabase()
  await fill(db)
  const shares: Share[] = []
  const app = await createService({
    guard,
    db,
    sharing: {
      tenantOf: (person) => (person === 'gus' ? 'globex' : undefined),
      async share(_document, share) {
        shares.push(share)
        throw new Error('the authority refused the grant')
      },
    },
  })
  closing.push(
    () => app.close(),
    () => db.destroy(),
  )
  const post = async (url: string, payload: object) =>
    app.inject({ method: 'POST', url, payload, headers: { authorization: `Bearer ${await tokenOf('ann')}` } })
  return { db, post, shares }
}

it('takes of a draft its title and its body, whatever else is in it', async () => {
  const { post } = await start()
  const forged = { id: 'minutes', tenant_id: 'globex', owner_id: 'gus', folder_id: 'north', classified: 1, shared: 1 }
  const answer = await post('/folders/private/documents', { title: 'New', body: 'Text', ...forged })
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual({
    id: expect.not.stringMatching('minutes'),
    tenant_id: 'acme',
    owner_id: 'ann',
    folder_id: 'private',
    classified: 0,
    shared: 0,
    title: 'New',
    body: 'Text',
  })
})

it.each([
  ['with nobody', { with: 'nobody', as: 'viewer' }, 422],
  ['with a name of a prototype', { with: '__proto__', as: 'viewer' }, 422],
  ['as its owner', { with: 'gus', as: 'owner' }, 400],
  ['with no person', { with: null, as: 'viewer' }, 422],
  ['when the authority refuses the grant', { with: 'gus', as: 'viewer' }, 500],
])('leaves a document apart when it cannot be shared %s', async (_name, share, status) => {
  const { db, post, shares } = await start()
  expect((await post('/documents/diary/shares', share)).statusCode).toBe(status)
  expect((await documentById(db, 'diary'))?.shared).toBe(0)
  expect(shares).toHaveLength(status === 500 ? 1 : 0)
})
