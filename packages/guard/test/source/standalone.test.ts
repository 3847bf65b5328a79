// Without a server: the folder, its digest, the issuer's keys, foreign tokens, and every reason not to start.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPlan } from '@cardea/claims'
import { buildBundle, type BundleParts, createRevocations, printBundle } from '@cardea/feed'
import { createSchema, parsePolicySources, policyDigest } from '@cardea/policy'
import { issueToken, generateSigningKey, publicJwk } from '@cardea/token'
import { afterEach, describe, expect, test } from 'vitest'
import { createGuard, type StandaloneOptions } from '../../src/index.ts'
import { settingOf } from '../../src/setting.ts'
import { Document, documentNamed, POLICIES, schema } from '../support/documents.ts'
import { ANN, AUDIENCE, createWorld, ISSUER, JWKS, NOW, requestWith, thrownBy, tokenFor } from '../support/world.ts'

const plan = Document(documentNamed('plan'))
const [{ file, text }] = POLICIES
const SCHEMA_TEXT = 'entity User; // what `cardea generate` read'

const folders: string[] = []
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'guard-'))
  folders.push(folder)
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)))
  return folder
}

describe('the policy folder', () => {
  const checked = async () => ({ ...schema, digest: await policyDigest([{ file, text }], SCHEMA_TEXT) })

  test('that passed the check is guarded by', async () => {
    const policies = await folderWith({ [file]: text, 'schema.cedarschema': SCHEMA_TEXT, 'README.md': 'not read' })
    const { guard, logged } = await createWorld({ policies, schema: await checked() })
    expect((await guard.authenticate(requestWith(await tokenFor(ANN)))).can('view', plan)).toBe(true)
    expect(logged.join()).toMatch(/staleness and single grants are not checked/)
    expect(guard.state()).toEqual({ mode: 'standalone', revision: undefined, position: undefined, ageSeconds: 0 })
  })

  test.each<[string, Record<string, string>]>([
    [
      'one more policy',
      { [file]: text, 'more.cedar': 'permit (principal, action, resource);', 'schema.cedarschema': SCHEMA_TEXT },
    ],
    ['a changed policy', { [file]: `${text} `, 'schema.cedarschema': SCHEMA_TEXT }],
    ['another name', { 'other.cedar': text, 'schema.cedarschema': SCHEMA_TEXT }],
    ['another schema', { [file]: text, 'schema.cedarschema': 'entity User;' }],
    ['no schema', { [file]: text }],
  ])('with %s does not start in production, and warns in development', async (_name, files) => {
    const policies = await folderWith(files)
    await expect(createWorld({ policies, schema: await checked() })).rejects.toMatchObject({
      code: 'ERR_GUARD_POLICY_DIGEST',
    })
    const { logged } = await createWorld({ policies, schema: await checked(), development: true })
    expect(logged[0]).toMatch(/not the ones that were checked/)
  })

  test('of two files without an `@id` has two policies', async () => {
    const one = 'permit (principal, action, resource) when { false };'
    await createWorld({ policies: await folderWith({ [file]: text, 'a.cedar': one, 'b.cedar': one }) })
  })

  test('that is missing or empty does not start', async () => {
    const empty = await folderWith({ 'schema.cedarschema': SCHEMA_TEXT })
    for (const policies of [empty, join(empty, 'none')]) {
      await expect(createWorld({ policies })).rejects.toMatchObject({ code: 'ERR_GUARD_POLICY_FOLDER' })
    }
  })

  test('with a broken policy names every problem', async () => {
    const broken = [
      { file: 'a.cedar', text: 'permit (principal, action);' },
      { file: 'b.cedar', text: 'allow (principal);' },
    ]
    const error = (await thrownBy(() => createWorld({ policies: broken }))) as {
      code: string
      problems: { span: { file: string } }[]
    }
    expect(error.code).toBe('ERR_POLICY_SOURCES')
    expect(new Set(error.problems.map(({ span }) => span.file))).toEqual(new Set(['a.cedar', 'b.cedar']))
  })
})

describe('a built bundle', () => {
  const SOURCES = [{ file, text }]
  const { policies: program } = parsePolicySources(SOURCES)
  const checked = async () => ({ ...schema, digest: await policyDigest(SOURCES, SCHEMA_TEXT) })

  async function fileWith(changes: Partial<BundleParts> = {}): Promise<string> {
    const content = buildBundle({
      producer: 'test 1.0.0',
      forbidErrors: 'deny',
      schema: { entities: schema.entities, actions: schema.actions },
      schemaSource: { file: 'schema.cedarschema', text: SCHEMA_TEXT },
      policies: SOURCES,
      program,
      plans: [createPlan({ policies: program, schema: createSchema(schema) })],
      digest: (await checked()).digest,
      ...changes,
    })
    return join(await folderWith({ 'policy.bundle.json': printBundle(content) }), 'policy.bundle.json')
  }

  test('is guarded by as the folder is, with the same start-up line', async () => {
    const policies = await fileWith()
    const folder = await folderWith({ [file]: text, 'schema.cedarschema': SCHEMA_TEXT })
    const worlds = await Promise.all(
      [policies, folder].map(async (from) => createWorld({ policies: from, schema: await checked() })),
    )
    const outcomes = await Promise.all(
      worlds.map(async ({ guard, logged }) => {
        const auth = await guard.authenticate(requestWith(await tokenFor(ANN)))
        const decisions = (['view', 'edit'] as const).map((action) => auth.decide(action, plan))
        return { logged, state: guard.state(), decisions: decisions.map(({ decision }) => decision) }
      }),
    )
    expect(outcomes[0]).toEqual(outcomes[1])
    expect(outcomes[0]?.decisions).toContain('allow')
    expect(outcomes[0]?.logged.join()).toMatch(/staleness and single grants are not checked/)
  })

  test('decides by its own rule for errors, and nobody says another one', async () => {
    const policies = await fileWith({ forbidErrors: 'skip' })
    await createWorld({ policies })
    await createWorld({ policies, forbidErrors: 'skip' })
    await expect(createWorld({ policies, forbidErrors: 'deny' })).rejects.toMatchObject({ code: 'ERR_GUARD_OPTIONS' })
  })

  test('of other policies than the generated schema names does not start in production, and warns in development', async () => {
    const policies = await fileWith()
    const other = { ...schema, digest: 'sha256:0' }
    await expect(createWorld({ policies, schema: other })).rejects.toMatchObject({
      code: 'ERR_GUARD_POLICY_DIGEST',
      hint: expect.stringContaining('cardea bundle'),
    })
    const { logged } = await createWorld({ policies, schema: other, development: true })
    expect(logged[0]).toMatch(/not the ones that were checked/)
  })

  test.each<[string, () => Promise<string>, string]>([
    ['with other texts than its digest names', () => fileWith({ digest: 'sha256:0' }), 'ERR_FEED_BUNDLE_DIGEST'],
    ['with a changed text', () => fileWith({ policies: [{ file, text: `${text} ` }] }), 'ERR_FEED_BUNDLE_DIGEST'],
    [
      'of an authority',
      () => fileWith({ revision: 1, notAfterSeconds: NOW + 1000, audience: AUDIENCE }),
      'ERR_GUARD_OPTIONS',
    ],
    [
      'with policies that do not compile',
      () => fileWith({ program: [...program, ...program] }),
      'ERR_FEED_BUNDLE_POLICY',
    ],
    [
      'of the format before',
      async () => join(await folderWith({ 'old.json': '{"format":1,"policies":[]}' }), 'old.json'),
      'ERR_FEED_BUNDLE_VERSION',
    ],
    ['that is none', async () => join(await folderWith({ 'a.cedar': text }), 'a.cedar'), 'ERR_FEED_BUNDLE_FORMAT'],
  ])('%s does not start, in development either', async (_name, made, code) => {
    const policies = await made()
    await expect(createWorld({ policies, development: true })).rejects.toMatchObject({ code })
  })
})

describe('what does not start', () => {
  const base: StandaloneOptions<typeof schema> = {
    schema,
    policies: POLICIES,
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: JWKS,
  }
  const quiet = { info: () => {}, warn: () => {}, error: () => {} }
  test.each<[string, object, string]>([
    ['no audience', { ...base, audience: '' }, 'ERR_GUARD_OPTIONS'],
    ['no issuer', { ...base, issuer: '' }, 'ERR_TOKEN_CONFIGURATION'],
    ['neither policies nor authority', { schema, audience: AUDIENCE }, 'ERR_GUARD_OPTIONS'],
    ['both', { ...base, authority: 'https://authority.example' }, 'ERR_GUARD_OPTIONS'],
    [
      'a symmetric key',
      { ...base, keys: { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'a', alg: 'HS256' }] } },
      'ERR_TOKEN_KEY_SYMMETRIC',
    ],
    ['a symmetric algorithm', { ...base, algorithms: ['HS256'] }, 'ERR_TOKEN_CONFIGURATION'],
    ['keys over http', { ...base, keys: { jwksUri: 'http://issuer.example/jwks' } }, 'ERR_TOKEN_KEYS_URL'],
    ['proxies that are none', { ...base, trustedProxies: ['10.0.0.0/64'] }, 'ERR_GUARD_OPTIONS'],
    [
      'an id that people can change',
      {
        ...base,
        claims: {
          principal: { type: 'User', id: 'email' },
          attributes: { tenant: 'org', clearance: null },
          parents: { Team: null, Role: null },
        },
      },
      'ERR_CLAIMS_MAPPING_ID',
    ],
    [
      'advice that means nothing',
      { ...base, policies: [{ file, text: text.replace('step_up:acr=mfa', 'step_up:mfa') }] },
      'ERR_GUARD_ANNOTATION',
    ],
    [
      'a bound that is no time',
      {
        ...base,
        schema: {
          ...schema,
          actions: { ...schema.actions, view: { ...schema.actions.view, annotations: { maxStale: '5 seconds' } } },
        },
      },
      'ERR_GUARD_ANNOTATION',
    ],
  ])('%s', async (_name, options, code) => {
    await expect(createGuard({ ...(options as typeof base), log: quiet })).rejects.toMatchObject({ code })
  })

  test('development in production', () => {
    expect(() => settingOf({ ...base, development: true }, 'production')).toThrow(
      expect.objectContaining({ code: 'ERR_GUARD_DEVELOPMENT' }),
    )
    expect(settingOf(base, 'production').development).toBe(false)
    expect(settingOf(base, undefined).development).toBe(false)
    expect(settingOf(base, 'development').development).toBe(true)
  })
})

describe("the issuer's keys", () => {
  const metadata = (issuer: string) => ({ issuer, jwks_uri: 'https://issuer.example/keys' })
  const serving = (answers: Readonly<Record<string, unknown>>): typeof globalThis.fetch => {
    return (input) => {
      const answer = answers[input instanceof Request ? input.url : new URL(input).href]
      return Promise.resolve(answer === undefined ? new Response(null, { status: 404 }) : Response.json(answer))
    }
  }

  test.each([
    ['OpenID Connect Discovery', 'https://issuer.example/.well-known/openid-configuration'],
    ['RFC 8414', 'https://issuer.example/.well-known/oauth-authorization-server'],
  ])('are found by %s', async (_name, address) => {
    const fetch = serving({ [address]: metadata(ISSUER), 'https://issuer.example/keys': JWKS })
    const { guard } = await createGuardFrom(fetch)
    expect((await guard.authenticate(requestWith(await tokenFor(ANN)))).principal.id).toBe('ann')
  })

  test("another issuer's metadata is refused", async () => {
    const fetch = serving({ 'https://issuer.example/.well-known/openid-configuration': metadata(`${ISSUER}/`) })
    await expect(createGuardFrom(fetch)).rejects.toMatchObject({ code: 'ERR_GUARD_DISCOVERY' })
  })

  async function createGuardFrom(fetch: typeof globalThis.fetch) {
    const { keys: _known, ...options } = { keys: JWKS, schema, policies: POLICIES, issuer: ISSUER, audience: AUDIENCE }
    const log = { info: () => {}, warn: () => {}, error: () => {} }
    return { guard: await createGuard({ ...options, fetch, log, now: () => NOW }) }
  }
})

describe('tokens of an identity provider', () => {
  test('are mapped as the schema says; a missing claim is refused, not read as empty', async () => {
    const key = await generateSigningKey('RS256')
    const { guard } = await createWorld({
      keys: { keys: [publicJwk(key)] },
      algorithms: ['RS256'],
      tokenType: 'JWT',
      claims: {
        principal: { type: 'User', id: 'sub' },
        attributes: { tenant: 'https://acme.example/org', clearance: null },
        parents: { Team: null, Role: 'roles' },
        tenant: 'https://acme.example/org',
      },
    })
    const token = (claims: object) =>
      issueToken({ iss: ISSUER, aud: AUDIENCE, sub: 'olga', iat: NOW - 1, exp: NOW + 60, ...claims }, key, {
        type: 'JWT',
      })
    const auth = await guard.authenticate(
      requestWith(await token({ 'https://acme.example/org': 'acme', roles: ['auditor'] })),
    )
    expect(auth.authorize('view', plan).id).toBe('plan')
    expect(auth).toMatchObject({ tenant: 'acme', tokenId: undefined })
    const without = await token({ 'https://acme.example/org': 'acme' })
    expect(await thrownBy(() => guard.authenticate(requestWith(without)))).toMatchObject({
      reason: 'invalid_token',
      status: 401,
    })
  })
})

test('a signal fires soon after a revocation that somebody else keeps', async () => {
  const revocations = createRevocations({ now: () => NOW })
  const soon = new Set<() => void>()
  const schedule = (delayMilliseconds: number, callback: () => void) => {
    if (delayMilliseconds <= 1000) soon.add(callback)
    return () => void soon.delete(callback)
  }
  const { guard } = await createWorld({ revocations, schedule })
  const { signal } = await guard.authenticate(requestWith(await tokenFor(ANN, { sid: 's1' })))
  expect(signal.aborted).toBe(false)
  revocations.add({
    key: { kind: 'session', sid: 's1' },
    at: { epoch: 'e', seq: 1 },
    revokedAtSeconds: NOW,
    expiresAtSeconds: NOW + 300,
  })
  const due = [...soon]
  for (const callback of due) callback()
  expect(signal.aborted).toBe(true)
  expect(signal.reason).toMatchObject({ code: 'ERR_GUARD_LAPSED', reason: 'revoked' })
})
