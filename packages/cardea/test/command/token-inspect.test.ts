// `cardea token inspect` without any server: on good tokens, hostile ones and what is none.

import { generateKeyPairSync, sign } from 'node:crypto'
import { type Grant, packGrants, packGrantSet } from '@cardea/claims'
import { entityUid } from '@cardea/policy'
import { generateSigningKey, publicJwk } from '@cardea/token'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeToken, type TokenDescription } from '../../src/token/describe-token.ts'
import type { Expectations } from '../../src/token/expectations.ts'
import { formatToken } from '../../src/token/format-token.ts'
import { printableLines, withoutTokens } from '../../src/output/printable.ts'
import { makeFolder, makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf, type Result } from '../support/run.ts'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'https://notes.example'
const now = Math.floor(Date.now() / 1000)
const key = await generateSigningKey('ES256', { kid: 'key-1' })
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const cwd = await makeFolder({ 'jwks.json': JSON.stringify({ keys: [publicJwk(key)] }) })

const CLAIMS = { iss: ISSUER, sub: 'ann', aud: AUDIENCE, client_id: 'web', jti: 'j', iat: now - 30, exp: now + 270 }

/** Signs whatever it is told to. */
function forge(claims: object = {}, header: object = {}, signer = key.privateKey): string {
  const parts = [
    { alg: 'ES256', kid: 'key-1', typ: 'at+jwt', ...header },
    { ...CLAIMS, ...claims },
  ]
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${sign('sha256', Buffer.from(input), { key: signer, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const inspect = (token: string, ...args: readonly string[]): Promise<Result> =>
  cardea(['token', 'inspect', '-', ...args], { cwd, input: token })

const FLAGS = ['--issuer', ISSUER, '--audience', AUDIENCE, '--jwks', 'jwks.json']

async function described(token: string, ...args: readonly string[]): Promise<TokenDescription> {
  const { stdout, stderr } = await inspect(token, '--json', ...args)
  expect(stderr).toBe('')
  return JSON.parse(stdout) as TokenDescription
}

const codesOf = ({ refusals }: TokenDescription): readonly string[] => refusals.map(({ code }) => code)

describe.concurrent('cardea token inspect', () => {
  it('finds nothing to refuse about a good one, by option, file and argument', async () => {
    const token = forge()
    await writeFiles(cwd, { 'good.txt': `Authorization: Bearer ${token}\n` })
    for (const [word, input] of [
      ['-', token],
      ['@good.txt', ''],
      [token, ''],
    ] as const) {
      const { code, stdout } = await cardea(['token', 'inspect', word, ...FLAGS], { cwd, input })
      expect(code).toBe(0)
      expect(stdout).toContain('signature verified')
      expect(stdout).toContain('nothing of what was checked would be refused')
      expect(stdout).not.toContain(token.split('.')[2])
    }
  })

  it.each([
    ['another signer', forge({}, {}, other), ['ERR_TOKEN_SIGNATURE']],
    ['an unknown key', forge({}, { kid: 'key-2' }), ['ERR_TOKEN_KEY_UNKNOWN']],
    ['another issuer and audience', forge({ iss: `${ISSUER}/`, aud: 'x' }), ['ERR_TOKEN_ISSUER', 'ERR_TOKEN_AUDIENCE']],
    ['its end', forge({ exp: now - 5 }), ['ERR_TOKEN_EXPIRED']],
    ['the clock of the issuer', forge({ iat: now + 600, exp: now + 900 }), ['ERR_TOKEN_ISSUED_AHEAD']],
    ['its kind', forge({}, { typ: 'JWT' }), ['ERR_TOKEN_TYPE']],
    ['a claim of the wrong form', forge({ exp: 'soon' }), ['ERR_TOKEN_CLAIM']],
    ['grants that nobody packed', forge({ grants: [['a'], [0, 'b']] }), ['ERR_CLAIMS_GRANTS']],
    ['both forms of grants', forge({ grants: [], grants_ref: 'A'.repeat(43) }), ['ERR_CLAIMS_GRANTS_REF']],
    ['a name of grants that is none', forge({ grants_ref: 'short' }), ['ERR_CLAIMS_GRANTS_REF']],
    ['memberships that nobody packed', forge({ groups: { Team: ['b', 'a'] } }), ['ERR_CLAIMS_GROUPS']],
    ['its size', forge({ note: 'x'.repeat(9000) }), ['ERR_TOKEN_SIZE']],
  ])('names what would be refused: %s', async (_name, token, codes) => {
    const { code } = await inspect(token, ...FLAGS)
    expect(code).toBe(2)
    expect(codesOf(await described(token, ...FLAGS))).toEqual(codes)
  })

  it('measures clocks, and says how long ago it ended', async () => {
    const [ahead, ended] = await Promise.all([
      inspect(forge({ iat: now + 600, exp: now + 900 })),
      inspect(forge({ exp: now - 7200 - 180, iat: now - 9000 })),
    ])
    expect(ahead.stdout).toMatch(/clocks differ by at least (?:10 min|9 min \d+ s) \(ERR_TOKEN_ISSUED_AHEAD\)/)
    expect(ended.stdout).toMatch(/the token has expired, 2 h 3 min ago \(ERR_TOKEN_EXPIRED\)/)
  })

  it('says both values of an issuer and an audience that differ', async () => {
    const { stdout } = await inspect(forge({ iss: `${ISSUER}/`, aud: ['a', 'b'] }), ...FLAGS)
    expect(stdout).toContain(`it says ${ISSUER}/, expected is ${ISSUER} (ERR_TOKEN_ISSUER)`)
    expect(stdout).toContain('the slash at the end alone')
    expect(stdout).toContain(`it says a b, expected is ${AUDIENCE} (ERR_TOKEN_AUDIENCE)`)
  })

  it('unpacks grants, actors and what it is bound to', async () => {
    const grant = (id: string, untilSeconds?: number): Grant => ({
      tenant: 'acme',
      grantee: entityUid('User', 'ann'),
      template: 'viewer',
      resource: entityUid('Note', id),
      ...(untilSeconds === undefined ? {} : { untilSeconds }),
    })
    const plan = { digest: '', principals: {}, templates: ['viewer'] }
    const grants = packGrants([grant('a'), grant('b'), grant('c', now - 1), grant('d', Number.MAX_SAFE_INTEGER)], plan)
    const token = forge({
      grants,
      groups: { Team: ['x'] },
      cnf: { jkt: 'A'.repeat(43) },
      net: ['10.0.0.0/8'],
      act: { sub: 'agent', act: { sub: 'first' } },
      plan: 'p',
    })
    const description = await described(token)
    const { needs, actors, memberships, plan: seen } = description
    expect(description.grants).toMatchObject([
      { grantee: 'User::"ann"', template: 'viewer', resourceType: 'Note', resources: ['a', 'b'], until: null },
      { resources: ['c'], ended: true },
      { resources: ['d'], until: `${Number.MAX_SAFE_INTEGER} s after 1970`, ended: false },
    ])
    expect(needs.map(({ code }) => code)).toEqual(['ERR_TOKEN_BINDING_DPOP', 'ERR_TOKEN_BINDING_ADDRESS'])
    expect({ actors, memberships, seen }).toEqual({
      actors: ['agent', 'first'],
      memberships: { Team: ['x'] },
      seen: { digest: 'p', known: null },
    })
  })

  it('explains a token that names its grants, and lists them when they are at hand', async () => {
    const principal = entityUid('User', 'ann')
    const owner = { issuer: ISSUER, audience: AUDIENCE, tenant: 'acme', principal }
    const resource = entityUid('Note', 'a')
    const grant = { tenant: 'acme', grantee: principal, template: 'viewer', resource }
    const plan = { digest: '', principals: {}, templates: ['viewer'] }
    const { digest, text } = packGrantSet([grant], owner, plan)
    const token = forge({ tenant: 'acme', grants_ref: digest })
    await writeFiles(cwd, { 'set.json': text })
    const without = await inspect(token, ...FLAGS)
    expect(without.code).toBe(0)
    expect(without.stdout).toContain(`${digest} (named here, held by the authority)`)
    expect(without.stdout).toContain('give --grant-set FILE')
    const given = await described(token, '--grant-set', 'set.json')
    expect(given).toMatchObject({
      grantsBy: 'set',
      grants: [{ grantee: 'User::"ann"', template: 'viewer', resources: ['a'] }],
      authorization_details: [{ type: 'cardea_grant', identifier: 'a' }],
      refusals: [],
    })
    const withSet = (claims: object, grantSet: string | undefined): Promise<TokenDescription> =>
      describeToken(forge({ tenant: 'acme', grants_ref: digest, ...claims }), { ...NOTHING, grantSet }, now)
    expect(await withSet({}, undefined)).toMatchObject({ grantsBy: 'set, not at hand', authorization_details: [] })
    expect(codesOf(await withSet({}, text.slice(0, -1)))).toEqual(['ERR_CLAIMS_GRANT_SET'])
    for (const claims of [{ tenant: 'other' }, { sub: 'bob' }, { aud: 'x' }, { iss: 'https://other.example' }]) {
      expect(codesOf(await withSet(claims, text))).toContain('ERR_CLAIMS_GRANT_SET_OWNER')
    }
  })

  it('takes the issuer, the audiences and the plan of the project, and says that a plan is not known', async () => {
    const project = await makeProject()
    const run = (claims: object): Promise<Result> =>
      cardea(['token', 'inspect', '-'], { cwd: project, input: forge({ iss: 'http://127.0.0.1:8181', ...claims }) })
    const unknown = await run({ plan: 'of-other-policies' })
    expect(unknown).toMatchObject({ code: 2, stderr: '' })
    expect(unknown.stdout).toContain('(ERR_CLAIMS_PLAN)')
    expect((await run({ aud: 'https://other.example' })).stdout).toContain('(ERR_TOKEN_AUDIENCE)')
  })

  it('works beside a configuration and policies that are broken', async () => {
    const broken = await makeProject({ 'cardea.config.ts': 'export default { nonsense: 1 }' })
    const first = await cardea(['token', 'inspect', '-'], { cwd: broken, input: forge() })
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toContain('the configuration of this folder was left out')
    const policies = await makeProject({ 'policy/x.cedar': 'permit(' })
    const token = forge({ iss: 'http://127.0.0.1:8181', plan: 'p' })
    const second = await cardea(['token', 'inspect', '-'], { cwd: policies, input: token })
    expect(second).toMatchObject({ code: 0, stderr: '' })
    expect(second.stdout).toContain('the claims plan was not compared')
  })

  it.each([
    ['nothing', '', 'ERR_TOKEN_TEXT', 'empty'],
    ['an opaque token', 'c2VjcmV0LW9wYXF1ZQ', 'ERR_TOKEN_PARTS', 'opaque'],
    ['an encrypted one', 'a.b.c.d.e', 'ERR_TOKEN_PARTS', 'JWE'],
    ['one that was cut', 'eyJhbGciOiJFUzI1NiJ.eyJzdWIiOiJhbm4ifQ.c2ln', 'ERR_TOKEN_ENCODING', 'cut'],
    ['no JSON', 'YWFh.YWFh.YWFh', 'ERR_TOKEN_JSON', 'nobody issued it'],
    ['bytes', '\u0000\u001b[2J.\u0000.\u0000', 'ERR_TOKEN_ENCODING', ''],
  ])('refuses what is none, and does not repeat it: %s', async (_name, text, code, hint) => {
    const result = await inspect(text)
    const error = errorOf(result)
    expect(error.code).toBe(1)
    expect(error.text).toContain(`(${code})`)
    expect(error.text).toContain(hint)
    expect(result.stdout).toBe('')
    // oxlint-disable-next-line no-control-regex -- these must not be there
    expect(error.text).not.toMatch(/c2VjcmV0|[\u0000-\u0009\u001b]/)
  })
})

it('reads no more of a file than a token can be', async () => {
  await writeFiles(cwd, { 'mountain.txt': 'a'.repeat(5_000_000) })
  const { text } = errorOf(await cardea(['token', 'inspect', '@mountain.txt'], { cwd }))
  expect(text).toContain('(ERR_TOKEN_SIZE)')
})

const NOTHING: Expectations = {
  issuer: ISSUER,
  audiences: [AUDIENCE],
  keys: undefined,
  algorithms: undefined,
  type: 'at+jwt',
  providers: [],
  plans: undefined,
  grantSet: undefined,
  notes: [],
}

describe('what a hostile token says', () => {
  const hostile = fc.constantFrom(
    '\u001b[2J\u001b]0;owned\u0007',
    '\u009b31m',
    '\u202eevil',
    'a\nFAKE line',
    '\u2028',
    'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl',
    '__proto__x',
  )
  const names = fc.constantFrom(
    'iss',
    'sub',
    'aud',
    'act',
    'cnf',
    'net',
    'plan',
    'scope',
    'amr',
    'groups',
    'grants',
    'grants_ref',
  )
  const value = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      hostile,
      fc.integer(),
      fc.constant(Number.MAX_SAFE_INTEGER),
      fc.constant(null),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(hostile, names, fc.constant('sub')), tie('json'), { maxKeys: 3 }),
    ),
  })).json

  it('never reaches a terminal, and never makes it fail', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.oneof(names, hostile, fc.constantFrom('exp', 'iat', 'nbf')), value),
        fc.dictionary(fc.constantFrom('typ', 'kid', 'x'), value),
        async (claims, header) => {
          const token = forge(claims, header)
          const description = await describeToken(token, NOTHING, now)
          const json = withoutTokens(printableLines(JSON.stringify(description, null, 2)))
          const text = withoutTokens(formatToken(description, now))
          expect(() => JSON.parse(json) as unknown).not.toThrow()
          for (const output of [json, text]) {
            // oxlint-disable-next-line no-control-regex -- these must not be there
            expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/)
            expect(output).not.toContain('c2lnbmF0dXJl')
            expect(output).not.toContain(token.split('.')[2])
          }
          expect(text).not.toMatch(/^FAKE line/m)
        },
      ),
      { numRuns: 300 },
    )
  })
})
