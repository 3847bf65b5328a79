// The recipe for Envoy on the bundles of a real authority: it answers what the document service answers to the same request.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findOpa, type OpaServer } from '../../../tools/opa.ts'
import { callerFor, OFFICE } from '../../documents/demo/caller.ts'
import { send } from '../../documents/demo/http.ts'
import { startFollower } from '../../documents/demo/sibling.ts'
import { startWorld, type World } from '../../documents/demo/world.ts'
import { FOLDERS } from '../../documents/people/documents.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const RECIPE = join(import.meta.dirname, '..', 'envoy.rego')
const found = await findOpa()

let folder: string
let world: World
let opa: OpaServer
beforeAll(async () => {
  if ('missing' in found) return
  folder = await mkdtemp(join(tmpdir(), 'cardea-envoy-'))
  world = await startWorld(folder)
  const folders = join(folder, 'folders.json')
  const attributes = FOLDERS.map(({ id, tenant_id, owner_id }) => [id, { tenant: tenant_id, owner: owner_id }] as const)
  await writeFile(folders, JSON.stringify({ folders: Object.fromEntries(attributes) }))
  opa = await startFollower(world, found.command, [RECIPE, folders])
})
afterAll(async () => {
  await world?.close()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

/** What the plugin asks, by the address that it has from Envoy. */
async function envoyAnswer(path: string, token: string | undefined): Promise<unknown> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const input = {
    attributes: {
      source: { address: { socketAddress: { address: OFFICE, portValue: 40_000 } } },
      request: { http: { method: 'POST', path, headers } },
    },
  }
  const response = await fetch(`${opa.url}/v1/data/envoy/authz/result`, {
    method: 'POST',
    body: JSON.stringify({ input }),
  })
  return ((await response.json()) as { result?: unknown }).result
}

async function serviceStatus(path: string, tenant: string, token: string | undefined): Promise<number> {
  const { port } = world.bland
  const { status } = await send({
    method: 'POST',
    url: `http://127.0.0.1:${port}${path}`,
    headers: {
      host: `${tenant}.localhost:${port}`,
      'content-type': 'application/json',
      'x-forwarded-for': OFFICE,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ title: 'New', body: 'Text.' }),
  })
  return status
}

test.for<readonly [string, string | undefined, string, string, number]>([
  ['who owns the folder', 'ann', 'acme', 'private', 200],
  ['an admin', 'carol', 'acme', 'plans', 200],
  ['a viewer of the folder', 'ann', 'acme', 'plans', 404],
  ['another tenant', 'gus', 'globex', 'plans', 404],
  ['a folder that is not there', 'carol', 'acme', 'nothing', 404],
  ['no token', undefined, 'acme', 'plans', 401],
])('%s', async ([, person, tenant, id, status], { skip }) => {
  if ('missing' in found) skip(found.missing)
  const token = person === undefined ? undefined : (await callerFor(world, person)).token
  const path = `/folders/${id}/documents`
  expect(await serviceStatus(path, tenant, token)).toBe(status)
  const expected = status === 200 ? { allowed: true } : { allowed: false, http_status: status }
  // a token of a moment ago may be ahead of the news that the OPA has: 503 until they are there
  await vi.waitFor(async () => expect(await envoyAnswer(path, token)).toEqual(expected), {
    timeout: 5000,
    interval: 50,
  })
})

test('a token that nobody signed', async ({ skip }) => {
  if ('missing' in found) skip(found.missing)
  const expected = { allowed: false, http_status: 401 }
  expect(await envoyAnswer('/folders/plans/documents', 'eyJhbGciOiJub25lIn0.e30.')).toEqual(expected)
})
