// The recipe for Envoy: what its plugin says of a request becomes the right question, and only an allow lets it through.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { evalOpa, requireOpa } from '../../../tools/opa.ts'

vi.setConfig({ testTimeout: 60_000 })

const RECIPE = join(import.meta.dirname, '..', 'envoy.rego')

/** As the plugin passes it (envoy.service.auth.v3.CheckRequest). */
const checkRequest = (method: string, path: string, authorization?: string): object => ({
  attributes: {
    source: { address: { socketAddress: { address: '10.1.2.3', portValue: 40_000 } } },
    request: {
      http: { method, path, headers: { ...(authorization === undefined ? {} : { authorization }), ':path': path } },
    },
  },
  parsed_path: path.split('/').slice(1),
})

/** In the place of the modules of the authority: says what it was asked, and allows one token. */
const STUB = `package cardea.authz

default decision := {"decision": "deny", "status": 401}

decision := {"decision": "allow", "status": 200, "asked": input} if {
	input.token == "abc"
	input.action == "create"
	input.resource.attributes
}
`

async function ask(command: string, input: object, query: string): Promise<unknown> {
  const files = [
    ['envoy.rego', await readFile(RECIPE, 'utf8')],
    ['stub.rego', STUB],
    ['data.json', JSON.stringify({ folders: { plans: { tenant: 'acme', owner: 'carol' } } })],
  ] as const
  return evalOpa(command, { files, input: JSON.stringify(input), query })
}

test.for<readonly [string, object, object]>([
  ['allowed', checkRequest('POST', '/folders/plans/documents', 'Bearer abc'), { allowed: true }],
  [
    'another token',
    checkRequest('POST', '/folders/plans/documents', 'Bearer xyz'),
    { allowed: false, http_status: 401 },
  ],
  ['no token', checkRequest('POST', '/folders/plans/documents'), { allowed: false, http_status: 401 }],
  [
    'another scheme',
    checkRequest('POST', '/folders/plans/documents', 'Basic abc'),
    { allowed: false, http_status: 401 },
  ],
  [
    'a folder that is not there',
    checkRequest('POST', '/folders/x/documents', 'Bearer abc'),
    { allowed: false, http_status: 401 },
  ],
  [
    'another method',
    checkRequest('GET', '/folders/plans/documents', 'Bearer abc'),
    { allowed: false, http_status: 503 },
  ],
  [
    'another path',
    checkRequest('POST', '/folders/plans/documents/../x', 'Bearer abc'),
    { allowed: false, http_status: 503 },
  ],
  ['no request at all', {}, { allowed: false, http_status: 503 }],
])('%s', async ([, input, expected], { skip }) => {
  expect(await ask(await requireOpa(skip), input, 'data.envoy.authz.result')).toEqual(expected)
})

test('asks the whole question', async ({ skip }) => {
  const input = checkRequest('POST', '/folders/plans/documents', 'Bearer abc')
  const question = await ask(await requireOpa(skip), input, 'data.envoy.authz.question')
  expect(question).toEqual({
    token: 'abc',
    action: 'create',
    resource: { type: 'Folder', id: 'plans', attributes: { tenant: 'acme', owner: 'carol' } },
    request: { scheme: 'Bearer', address: '10.1.2.3' },
  })
})
