// The evaluator that a guard is given is the one that decides, wherever its policies come from, and answers as closures do.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildBundle, printBundle } from '@cardea/feed'
import { closures, type Evaluator, parsePolicySources, policyDigest } from '@cardea/policy'
import { codegen as original } from '@cardea/policy/codegen'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { createTestAuthority, URL_OF_AUTHORITY } from '../../feed/test/authority-server.ts'
import { bundleKeys } from '../../feed/test/fixture.ts'
import { codegen } from '../src/codegen.ts'
import { createGuard, type Guard } from '../src/index.ts'
import { settingOf } from '../src/setting.ts'
import { Document, DOCUMENTS, POLICIES, schema } from './support/documents.ts'
import {
  ANN,
  AUDIENCE,
  AUDITOR,
  BOB,
  createWorld,
  ISSUER,
  JWKS,
  NOW,
  PLAN,
  requestWith,
  tokenFor,
} from './support/world.ts'

const folder = await mkdtemp(join(tmpdir(), 'guard-codegen-'))
afterAll(() => rm(folder, { recursive: true }))

interface Given {
  readonly evaluator?: Evaluator
}

interface Started {
  readonly guard: Guard<typeof schema>
  /** What tokens for it say beside the person. */
  readonly claims: Readonly<Record<string, unknown>>
}

const SOURCES: readonly (readonly [string, (given: Given) => Promise<Started>])[] = [
  [
    'a folder',
    async (given) => ({ guard: (await createWorld({ policies: await policyFolder(), ...given })).guard, claims: {} }),
  ],
  [
    'a built bundle',
    async (given) => ({ guard: (await createWorld({ policies: await bundleFile(), ...given })).guard, claims: {} }),
  ],
  ['an authority', followed],
]

async function policyFolder(): Promise<string> {
  await Promise.all(POLICIES.map(({ file, text }) => writeFile(join(folder, file), text)))
  return folder
}

async function bundleFile(): Promise<string> {
  const schemaSource = { file: 'schema.cedarschema', text: 'entity User;' }
  const content = buildBundle({
    producer: 'test 1.0.0',
    forbidErrors: 'deny',
    schema: { entities: schema.entities, actions: schema.actions },
    schemaSource,
    policies: POLICIES,
    program: parsePolicySources(POLICIES).policies,
    plans: [PLAN],
    digest: await policyDigest(POLICIES, schemaSource.text),
  })
  const file = join(folder, 'policy.bundle.json')
  await writeFile(file, printBundle(content))
  return file
}

const guards: Guard<typeof schema>[] = []
afterEach(async () => {
  vi.unstubAllGlobals()
  await Promise.all(guards.splice(0).map((guard) => guard.close()))
})

/** A guard with the real feed client, of an authority in memory. */
async function followed(given: Given): Promise<Started> {
  const authority = createTestAuthority(() => NOW)
  await authority.publish({
    schema,
    policies: POLICIES,
    plans: [PLAN],
    notAfterSeconds: NOW + 86_400,
    audience: AUDIENCE,
  })
  authority.rotateKeys(JWKS)
  const guard = await createGuard({
    schema,
    authority: URL_OF_AUTHORITY,
    audience: AUDIENCE,
    client: { id: 'documents', secret: 'a secret' },
    bundleKeys,
    fetch: async (input, init) =>
      new URL(input instanceof Request ? input.url : input).pathname.endsWith('/token')
        ? Response.json({ access_token: authority.credentials, token_type: 'Bearer', expires_in: 300 })
        : authority.fetch(input, init),
    now: () => NOW,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    trustedProxies: ['127.0.0.1'],
    ...given,
  })
  guards.push(guard)
  return { guard, claims: { iss: URL_OF_AUTHORITY, epoch: 'e1', seq: authority.position().seq } }
}

/** What three people may do to every document. */
async function decisionsOf({ guard, claims }: Started): Promise<readonly string[]> {
  const decisions: string[] = []
  for (const person of [ANN, BOB, AUDITOR]) {
    const auth = await guard.authenticate(requestWith(await tokenFor(person, claims)))
    for (const row of DOCUMENTS.values()) {
      for (const action of ['view', 'edit'] as const) {
        const { decision, policies } = auth.decide(action, Document(row))
        decisions.push(`${person.id} ${action} ${row.id}: ${decision} by ${policies.join()}`)
      }
    }
  }
  return decisions
}

describe.each(SOURCES)('with %s', (_name, start) => {
  test('the evaluator decides, as closures do', async () => {
    let compiled = 0
    const watched: Evaluator = {
      ...codegen,
      compile(condition) {
        compiled += 1
        return codegen.compile(condition)
      },
      compileAll(entries) {
        compiled += entries.length
        return codegen.compileAll?.(entries)
      },
    }
    const started = await start({ evaluator: watched })
    const atStart = compiled
    const decisions = await decisionsOf(started)
    expect(compiled).toBeGreaterThan(atStart)
    expect(decisions).toEqual(await decisionsOf(await start({})))
    for (const decision of ['allow', 'deny']) expect(decisions.join('\n')).toContain(`: ${decision} by`)
  })

  test('the guard does not start where no code may be made', async () => {
    vi.stubGlobal('Function', NoCode)
    vi.resetModules()
    // made anew, as it remembers the code that it has made
    const { codegen: fresh } = await import('@cardea/policy/codegen')
    await expect(start({ evaluator: fresh })).rejects.toMatchObject({
      code: 'ERR_GUARD_OPTIONS',
      hint: expect.stringContaining('leave `evaluator` out'),
      cause: expect.any(TypeError),
    })
  })
})

/** What `new Function` is under a content security policy without `unsafe-eval`. */
function NoCode(): never {
  throw new EvalError('Code generation from strings disallowed for this context')
}

test('closures are the default', () => {
  expect(settingOf({ schema, audience: AUDIENCE, issuer: ISSUER, policies: POLICIES }).evaluator).toBe(closures)
})

test('the guard hands on the evaluator of the policy room', () => {
  expect(codegen).toBe(original)
})
