// Publishing: what is broken changes nothing, what is new is signed and numbered, and what tokens do not know yet waits.

import { openBundle } from '@cardea/feed'
import { createLocalKeys } from '@cardea/token'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bodyOf, createWorld, DOCS, NOW, POLICIES, SCHEMA, sources, type World } from '../fixture.ts'

let world: World
beforeEach(async () => {
  world = await createWorld({ publish: false })
})
afterEach(() => world.authority.close())

async function publish(body: object, revision: string | undefined = '"0"'): Promise<Response> {
  return world.api('admin', 'POST', '/v1/policies', body, revision === undefined ? {} : { 'if-match': revision })
}

async function current(): Promise<Record<string, unknown>> {
  return bodyOf(await world.api('admin', 'GET', '/v1/policies/current'))
}

const byFile = (files: readonly { readonly file: string }[]) =>
  files.toSorted((left, right) => left.file.localeCompare(right.file, 'en'))

async function bundle(): Promise<Awaited<ReturnType<typeof openBundle>>> {
  const snapshot = await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
  const { digest } = snapshot['bundle'] as { digest: string }
  const response = await world.api('docs', 'GET', `/v1/bundles/${digest}`)
  expect(response.headers.get('content-type')).toBe('application/jose')
  expect(response.headers.get('cache-control')).toContain('immutable')
  const keys = createLocalKeys(world.authority.bundleKeys())
  // what is published is proven: its program is what its texts say
  const options = { keys, audience: DOCS, minimumRevision: 0, now: () => world.clock.seconds, prove: true }
  return openBundle(await response.text(), options)
}

describe('a publication', () => {
  test('is numbered, signed and what everybody gets', async () => {
    expect(await current()).toEqual({ revision: 0 })
    const response = await publish(sources)
    expect(response.status).toBe(201)
    expect(response.headers.get('etag')).toBe('"1"')
    const body = await bodyOf(response)
    expect(body).toMatchObject({ revision: 1, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) })
    const position = body['position'] as { epoch: string; seq: number }
    expect(response.headers.get('cardea-position')).toBe(`${position.epoch}.${position.seq}`)
    expect(await current()).toMatchObject({ revision: 1, digest: body['digest'], ...sources, forbidErrors: 'deny' })
    const { content } = await bundle()
    expect(content).toMatchObject({
      revision: 1,
      digest: body['digest'],
      forbidErrors: 'deny',
      notAfterSeconds: NOW + 30 * 86_400,
      policies: sources.policies,
    })
    expect(content.plans).toHaveLength(1)
  })

  test('says what is doubtful, and holds', async () => {
    const text =
      '@id("never") permit (principal, action, resource is Document) when { resource.owner != resource.owner };'
    const doubtful = { ...sources, policies: [...sources.policies, { file: 'z.cedar', text }] }
    const body = await bodyOf(await publish(doubtful))
    expect(body).toMatchObject({
      revision: 1,
      warnings: [
        {
          severity: 'warning',
          code: 'ERR_VALIDATE_NEVER_APPLIES',
          file: 'z.cedar',
          line: 1,
          column: text.indexOf('resource.owner') + 1,
          frame: expect.stringContaining('resource.owner != resource.owner'),
        },
      ],
    })
    expect(await bodyOf(await publish(sources, '"1"'))).not.toHaveProperty('warnings')
  })

  test('needs the revision that it is based on', async () => {
    const missing = await world.api('admin', 'POST', '/v1/policies', sources)
    expect(missing.status).toBe(428)
    await publish(sources)
    const stale = await publish(sources)
    expect(stale.status).toBe(412)
    expect(await bodyOf(stale)).toMatchObject({ code: 'ERR_AUTHORITY_POLICY_REVISION' })
    for (const header of ['*', '1', '"1", "2"', '""', '"01"']) {
      expect((await publish(sources, header)).status).toBe(400)
    }
    expect((await publish(sources, '"1"')).status).toBe(201)
  })

  test('of two at once, one is taken', async () => {
    const responses = await Promise.all([publish(sources), publish(sources), publish(sources)])
    expect(responses.map(({ status }) => status).sort((left, right) => left - right)).toEqual([201, 412, 412])
    expect(await current()).toMatchObject({ revision: 1 })
  })

  const broken: readonly [string, object][] = [
    [
      'text that does not parse',
      { ...sources, policies: [{ file: 'p.cedar', text: 'permit (principal, action resource);' }] },
    ],
    [
      'an unknown attribute',
      {
        ...sources,
        policies: [{ file: 'p.cedar', text: 'permit (principal, action, resource) when { resource.nothing };' }],
      },
    ],
    [
      'an unknown type',
      { ...sources, policies: [{ file: 'p.cedar', text: 'permit (principal == Robot::"r", action, resource);' }] },
    ],
    ['a schema that does not parse', { ...sources, schema: { file: 's.cedarschema', text: 'entity ;' } }],
    [
      'two policies of one name',
      { ...sources, policies: [...sources.policies, { file: 'again.cedar', text: POLICIES }] },
    ],
  ]
  test.each(broken)('with %s is refused with its places, and changes nothing', async (_, body) => {
    await publish(sources)
    const before = [await current(), await bodyOf(await world.api('docs', 'GET', `/v1/feed/head?audience=${DOCS}`))]
    const response = await publish(body, '"1"')
    expect(response.status).toBe(422)
    const problem = await bodyOf(response)
    expect(problem).toMatchObject({ code: 'ERR_AUTHORITY_POLICY_PROBLEMS' })
    const problems = problem['problems'] as Record<string, unknown>[]
    expect(problems.length).toBeGreaterThan(0)
    for (const one of problems) {
      expect(one).toMatchObject({ code: expect.any(String), message: expect.any(String), frame: expect.any(String) })
    }
    expect(
      problems.some(({ file, line, column }) => file !== undefined && Number(line) >= 1 && Number(column) >= 1),
    ).toBe(true)
    expect([await current(), await bodyOf(await world.api('docs', 'GET', `/v1/feed/head?audience=${DOCS}`))]).toEqual(
      before,
    )
  })

  const malformed: readonly [string, unknown][] = [
    ['no policies', { ...sources, policies: [] }],
    ['an unknown member', { ...sources, more: 1 }],
    ['a text for a list', { ...sources, policies: 'permit' }],
    ['an unknown stage', { ...sources, stage: 'later' }],
    ['`null`', null],
  ]
  test.each(malformed)('with %s is a bad request', async (_, body) => {
    expect((await publish(body as object)).status).toBe(400)
  })
})

describe('a publication whose policies read what tokens do not hold', () => {
  const grown = {
    ...sources,
    policies: [
      ...sources.policies,
      {
        file: 'more.cedar',
        text: '@id("cleared") permit (principal, action, resource) when { principal has clearance && principal.clearance > 3 };',
      },
    ],
  }

  test('waits until the last token without it has expired, and tokens are packed for both meanwhile', async () => {
    await publish(sources)
    const before = (await bundle()).content
    const response = await publish(grown, '"1"')
    expect(await bodyOf(response)).toMatchObject({ revision: 2, staged: { activatesAt: expect.any(String) } })
    const staged = (await bundle()).content
    expect(staged.policies).toEqual(sources.policies)
    expect(staged.plans.map(({ digest }) => digest)).toEqual([expect.any(String), before.plans[0]?.digest])
    expect(JSON.stringify(staged.plans[0]?.principals)).toContain('clearance')
    const token = await tokenPlan()
    expect(token).toBe(staged.plans[0]?.digest)

    world.clock.seconds += 359
    await world.authority.service.keepHouse()
    expect(await current()).toMatchObject({ revision: 2 })
    world.clock.seconds += 1
    await world.authority.service.keepHouse()
    expect(await current()).toMatchObject({ revision: 3 })
    const { content } = await bundle()
    expect(content.policies).toEqual(byFile(grown.policies))
    expect(content.plans.map(({ digest }) => digest)).toContain(token)
  })

  test('holds at once when it is said', async () => {
    await publish(sources)
    const response = await publish({ ...grown, stage: 'now' }, '"1"')
    expect(await bodyOf(response)).not.toHaveProperty('staged')
    expect((await bundle()).content.policies).toEqual(byFile(grown.policies))
  })

  test('is replaced by one that comes while it waits', async () => {
    await publish(sources)
    await publish(grown, '"1"')
    await publish(sources, '"2"')
    world.clock.seconds += 1000
    await world.authority.service.keepHouse()
    expect(await current()).toMatchObject({ revision: 3, policies: sources.policies })
  })

  async function tokenPlan(): Promise<unknown> {
    const { access_token: token } = await bodyOf(await world.exchange())
    return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()).plan
  }
})

describe('a bundle', () => {
  test('keeps the plan of every token that may live, and no other', async () => {
    await publish(sources)
    const first = (await bundle()).content.plans[0]?.digest
    const other = {
      ...sources,
      policies: [{ file: 'p.cedar', text: '@id("all") permit (principal in Role::"admin", action, resource);' }],
    }
    await publish({ ...other, stage: 'now' }, '"1"')
    expect((await bundle()).content.plans.map(({ digest }) => digest)).toEqual([expect.any(String), first])
    world.clock.seconds += 361
    await publish({ ...other, stage: 'now' }, '"2"')
    expect((await bundle()).content.plans.map(({ digest }) => digest)).not.toContain(first)
  })

  test('is signed again before it expires', async () => {
    await publish(sources)
    world.clock.seconds += 15 * 86_400
    await world.authority.service.keepHouse()
    const { content } = await bundle()
    expect(content).toMatchObject({ revision: 2, notAfterSeconds: world.clock.seconds + 30 * 86_400 })
    expect(SCHEMA).toContain('entity User')
  })
})
