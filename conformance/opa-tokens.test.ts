// The same token, the same question, the same state of the world: a guard and a stock OPA with our modules must say the same, for every
// way in which a token can be wrong that the modules claim to see.

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { entityUid } from '@cardea/policy'
import type { Revocation, RevocationKey } from '@cardea/feed'
import { DeniedError } from '@cardea/guard'
import { generateSigningKey, type SigningKey } from '@cardea/token'
import { opaNewsContent, opaPolicyFiles, printOpaJson, type OpaObject } from '@cardea/opa'
import { describe, expect, test, vi } from 'vitest'
import { Document, documentNamed, POLICIES, schema } from '../packages/guard/test/support/documents.ts'
import { all, softened } from '../packages/guard/test/support/misfits.ts'
import { createFakeFeed, type FakeFeed, openBundleOf } from '../packages/guard/test/support/fake-feed.ts'
import {
  ANN,
  AUDIENCE,
  AUDITOR,
  BOB,
  ISSUER,
  JWKS,
  KEY,
  NOW,
  OFFICE,
  PLAN,
  type Person,
  requestWith,
  STRANGER,
  tokenByReference,
  tokenFor,
} from '../packages/guard/test/support/world.ts'
import { requireOpa } from '../tools/opa.ts'

vi.setConfig({ testTimeout: 120_000 })

const PLACE = { epoch: 'e1', seq: 50 }
const THUMBPRINT = 'A'.repeat(43)
const SUBJECT_KEY = 'A'.repeat(43)
const OTHER_KEY = await generateSigningKey('ES256')
const GRANT = { template: 'viewer', resource: entityUid('Document', 'memo') }
const UUID = '0199eebf-bbdc-4efa-8dde-00ff80c1aa55'

interface Question {
  readonly token: string
  readonly action?: keyof (typeof schema)['actions']
  readonly document?: string | null
  readonly context?: object
  readonly address?: string
  readonly tenant?: string
  /** A guard answers with a sign-in that a policy advises. */
  readonly hasAdvice?: boolean
  readonly world?: (world: World) => void
}

/** What both decide by. */
interface Setting {
  readonly definition: typeof schema
  readonly policies: readonly { readonly file: string; readonly text: string }[]
}

/** As a fake feed begins. */
const PRESENT: Setting = { definition: schema, policies: POLICIES }

/** What both are told. */
class World {
  readonly feed: FakeFeed = createFakeFeed()
  /** Of the policies that both decide by. */
  readonly revision: number
  readonly revocations: Revocation[] = []
  tenants: readonly string[] | undefined

  constructor(setting: Setting) {
    if (setting !== PRESENT) this.feed.publish(setting.policies, setting.definition)
    this.revision = revisionOf(setting)
  }

  revoke(key: RevocationKey, seq?: number): void {
    this.feed.revoke(key, seq)
    const at = { epoch: this.feed.position.epoch, seq: seq ?? this.feed.position.seq }
    this.revocations.push({ key, at, revokedAtSeconds: NOW, expiresAtSeconds: NOW + 600 })
  }

  get news(): OpaObject {
    const { feed, revocations, tenants } = this
    const { data } = opaNewsContent({
      issuer: ISSUER,
      audience: AUDIENCE,
      position: feed.position,
      timeSeconds: feed.now - feed.ageSeconds,
      policy: { revision: this.revision, sinceSeconds: NOW - 1000 },
      tenants,
      subjectKey: SUBJECT_KEY,
      keys: JWKS,
      revocations,
    })
    return data
  }
}

const own = (person: Person, claims: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  tokenFor(person, { ...PLACE, sid: 's1', ...claims })
const part = (text: string, index: number, change: (json: Record<string, unknown>) => unknown): string =>
  text
    .split('.')
    .map((each, place) =>
      place === index
        ? Buffer.from(JSON.stringify(change(JSON.parse(Buffer.from(each, 'base64url').toString())))).toString(
            'base64url',
          )
        : each,
    )
    .join('.')

/** A token as a mad issuer would sign it: whatever header, whatever claims. */
async function signed(change: {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  readonly key?: SigningKey
}): Promise<string> {
  const [, payload = ''] = (await own(ANN)).split('.')
  const key = change.key ?? KEY
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const base = { alg: key.algorithm, kid: key.kid, typ: 'at+jwt' }
  const parts = [
    { ...base, ...change.header },
    { ...(claims as object), ...change.claims },
  ]
  const input = parts.map((json) => Buffer.from(JSON.stringify(json)).toString('base64url')).join('.')
  return `${input}.${Buffer.from(await key.sign(Buffer.from(input))).toString('base64url')}`
}

/** The same bytes in another spelling: the unused bits of the last character are set. */
function respelled(text: string, index: number): string {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const parts = text.split('.')
  const last = parts[index] ?? ''
  parts[index] = last.slice(0, -1) + (ALPHABET[ALPHABET.indexOf(last.at(-1) ?? '') + 1] ?? '')
  return parts.join('.')
}

const ann = await own(ANN)
const withGrant = await own({ ...BOB, id: 'carl', grants: [GRANT] })
const bound = await own(ANN, { cnf: { jkt: THUMBPRINT } })
const outside = await own(ANN, { net: ['192.0.2.0/24'] })

const QUESTIONS: Readonly<Record<string, Question>> = {
  // what the policies say
  'the owner': { token: ann, action: 'edit' },
  'no owner': { token: await own(BOB), action: 'edit' },
  'somebody who may not even see it': { token: await own(BOB), document: 'secret' },
  'an auditor sees': { token: await own(AUDITOR), document: 'secret' },
  'an auditor does not edit': { token: await own(AUDITOR), action: 'edit' },
  'another tenant': { token: await own(STRANGER) },
  'owner of a document of another tenant': { token: ann, document: 'foreign' },
  'classified, from the office': { token: ann, action: 'edit', document: 'secret' },
  'classified, from outside': { token: ann, action: 'edit', document: 'secret', address: '203.0.113.9' },
  'classified, from IPv6': { token: ann, action: 'edit', document: 'secret', address: '2001:db8::1' },
  'a grant': { token: withGrant, document: 'memo' },
  'a grant of something else': { token: withGrant, document: 'plan' },
  'a grant with a UUID': {
    token: await own({ ...BOB, id: 'carl', grants: [GRANT, { ...GRANT, resource: entityUid('Document', UUID) }] }),
    document: 'memo',
  },
  'a grant that ends': {
    token: await own({ ...BOB, id: 'carl', grants: [{ ...GRANT, untilSeconds: NOW + 1 }] }),
    document: 'memo',
  },
  'a grant at its end': {
    token: await own({ ...BOB, id: 'carl', grants: [{ ...GRANT, untilSeconds: NOW }] }),
    document: 'memo',
  },
  'a second factor': { token: await own(ANN, { acr: 'mfa', auth_time: NOW - 100 }), action: 'delete' },
  'a second factor too long ago': {
    hasAdvice: true,
    token: await own(ANN, { acr: 'mfa', auth_time: NOW - 301 }),
    action: 'delete',
  },
  'no second factor': { hasAdvice: true, token: ann, action: 'delete' },
  'a word of the service that permits': { token: ann, action: 'share', context: { outside: false } },
  'a word of the service that forbids': { token: ann, action: 'share', context: { outside: true } },
  'an address that the policies need and nobody knows': { token: ann, action: 'edit', address: 'not an address' },
  'a document that does not exist': { token: ann, document: null },
  // a token that is none
  'no token': { token: '' },
  'no token at all': { token: 'abc' },
  'two parts': { token: ann.split('.').slice(0, 2).join('.') },
  'a fourth part': { token: `${ann}.x` },
  'a padded part': { token: `${ann}=` },
  'white space at its end': { token: `${ann}\n` },
  'other claims under the signature': { token: part(ann, 1, (json) => ({ ...json, sub: 'root' })) },
  'no signature': { token: `${ann.split('.').slice(0, 2).join('.')}.` },
  'the algorithm none': { token: part(ann, 0, (json) => ({ ...json, alg: 'none' })) },
  'an algorithm that its key does not have': { token: part(ann, 0, (json) => ({ ...json, alg: 'RS256' })) },
  'a key that nobody knows': { token: await tokenFor(ANN, PLACE, OTHER_KEY) },
  'another issuer': { token: await own(ANN, { iss: 'https://other.example' }) },
  'another audience': { token: await own(ANN, { aud: 'https://other.example' }) },
  'several audiences': { token: await own(ANN, { aud: ['https://other.example', AUDIENCE] }) },
  'a signature in another spelling': { token: respelled(ann, 2) },
  'an ID token': { token: await signed({ header: { typ: 'JWT' } }) },
  'a token of no type': { token: await signed({ header: { typ: undefined } }) },
  'the long name of its type': { token: await signed({ header: { typ: 'application/at+jwt' } }) },
  'its type in capitals': { token: await signed({ header: { typ: 'AT+JWT' } }) },
  'an extension that must be understood': { token: await signed({ header: { crit: ['exp'] } }) },
  'a payload that is not encoded': { token: await signed({ header: { b64: true } }) },
  'a payload that is compressed': { token: await signed({ header: { zip: 'DEF' } }) },
  'a payload that is a token': { token: await signed({ header: { cty: 'JWT' } }) },
  'a key by its address': { token: await signed({ header: { jku: 'https://evil.example/keys' } }) },
  'no key named': { token: await signed({ header: { kid: undefined } }) },
  'the key of another by name': { token: await signed({ key: OTHER_KEY, header: { kid: KEY.kid } }) },
  'a token that is too long': { token: await signed({ claims: { scope: 'x'.repeat(8000) } }) },
  'claims that are too many for no token': { token: await signed({ claims: { scope: 'x'.repeat(4000) } }) },
  'ends before it begins': { token: await signed({ claims: { iat: NOW + 5, exp: NOW + 5 } }) },
  'no end': { token: await signed({ claims: { exp: undefined } }) },
  'an end that is a text': { token: await signed({ claims: { exp: `${NOW + 100}` } }) },
  'an end with a fraction': { token: await signed({ claims: { exp: NOW + 100.5 } }) },
  'no client': { token: await signed({ claims: { client_id: undefined } }) },
  'no id': { token: await signed({ claims: { jti: undefined } }) },
  'an empty subject': { token: await signed({ claims: { sub: '' } }) },
  'a subject that is a number': { token: await signed({ claims: { sub: 7 } }) },
  'no epoch': { token: await signed({ claims: { epoch: undefined } }) },
  'an empty tenant': { token: await signed({ claims: { tenant: '' } }) },
  'a confirmation of another kind': { token: await signed({ claims: { cnf: { kid: 'x' } } }) },
  'an empty confirmation': { token: await signed({ claims: { cnf: {} } }) },
  'a thumbprint that is none': { token: await signed({ claims: { cnf: { jkt: 'short' } } }) },
  'an ancestry that is no list': { token: await signed({ claims: { derived_from: { iss: ISSUER } } }) },
  'an ancestor without its key': {
    token: await signed({ claims: { derived_from: [{ iss: ISSUER, jti: 'up', client_id: 'c' }] } }),
  },
  'too many ancestors': {
    token: await signed({
      claims: { derived_from: Array.from({ length: 9 }, () => ({ iss: ISSUER, jti: 'up', kid: 'k', client_id: 'c' })) },
    }),
  },
  'a person whose client has the same id': { token: await signed({ claims: { client_id: 'ann' } }) },
  // times
  expired: { token: await own(ANN, { exp: NOW - 1 }) },
  'at the moment of its end': { token: await own(ANN, { exp: NOW }) },
  'in its last second': { token: await own(ANN, { exp: NOW + 1 }) },
  'issued a little ahead': { token: await own(ANN, { iat: NOW + 10 }) },
  'issued in the future': { token: await own(ANN, { iat: NOW + 11 }) },
  'not yet valid': { token: await own(ANN, { nbf: NOW + 11 }) },
  'valid in a moment': { token: await own(ANN, { nbf: NOW + 10 }) },
  'a life that is too long': { token: await own(ANN, { exp: NOW + 86_400 }) },
  // binding
  'bound to a key, as Bearer': { token: bound },
  'bound to a certificate that is not there': { token: await own(ANN, { cnf: { 'x5t#S256': THUMBPRINT } }) },
  'from its network': { token: await own(ANN, { net: ['192.0.2.0/24', '10.0.0.0/8'] }) },
  'from outside of its network': { token: await own(ANN, { net: ['192.0.2.0/24'] }) },
  'a network that cannot be read': { token: await own(ANN, { net: ['10.0.0.0/8', 'x'] }) },
  'bound to a network, from nowhere': { token: await own(ANN, { net: ['10.0.0.0/8'] }), address: 'not an address' },
  'for its tenant': { token: ann, tenant: 'acme' },
  'for another tenant': { token: ann, tenant: 'globex' },
  // the plan
  'a plan that nobody knows': { token: await own(ANN, { plan: 'x'.repeat(22) }) },
  'an attribute that must be there is not': { token: await own(ANN, { attrs: {} }) },
  'an attribute that the plan does not name': { token: await own(ANN, { attrs: { tenant: 'acme', clearance: 3 } }) },
  'an attribute of another type': { token: await own(ANN, { attrs: { tenant: 7 } }) },
  'an attribute that is none': { token: await own(ANN, { attrs: { tenant: null } }) },
  'groups of another type': { token: await own(ANN, { groups: { Team: ['blue'], Planet: ['mars'] } }) },
  'groups that are no list': { token: await own(ANN, { groups: { Role: 7 } }) },
  'a role that is enumerated nowhere': { token: await own(ANN, { groups: { Role: ['emperor'] } }) },
  'no groups at all': { token: await own(ANN, { groups: undefined }) },
  'grants of no known template': {
    token: await own(ANN, {
      grants: [
        ['Document', 'User', 'owner-manages'],
        [1, 'ann', [2, 0, ['x']]],
      ],
    }),
  },
  'grants to somebody else': {
    token: await own(ANN, {
      grants: [
        ['Document', 'User', 'viewer'],
        [1, 'bob', [2, 0, ['memo']]],
      ],
    }),
    document: 'memo',
  },
  'grants of nothing': {
    token: await own(ANN, {
      grants: [
        ['Document', 'User', 'viewer'],
        [1, 'ann', [2, 0, []]],
      ],
    }),
  },
  'grants that are no list': { token: await own(ANN, { grants: 'all' }) },
  'grants by reference': {
    token: (await tokenByReference({ ...BOB, grants: [GRANT] }, PLACE)).token,
    document: 'memo',
  },
  // what was revoked
  'its session': { token: ann, world: (world) => world.revoke({ kind: 'session', sid: 's1' }) },
  'its session, at the next place in the log': {
    token: ann,
    world: (world) => world.revoke({ kind: 'session', sid: 's1' }, 51),
  },
  'another session': { token: ann, world: (world) => world.revoke({ kind: 'session', sid: 's2' }) },
  'before it was issued': { token: ann, world: (world) => world.revoke({ kind: 'session', sid: 's1' }, 50) },
  'its person': { token: ann, world: (world) => world.revoke({ kind: 'principal', tenant: 'acme', sub: 'ann' }) },
  'its person in another tenant': {
    token: ann,
    world: (world) => world.revoke({ kind: 'principal', tenant: 'globex', sub: 'ann' }),
  },
  'the token': {
    token: await own(ANN, { jti: 'j1' }),
    world: (world) => world.revoke({ kind: 'token', iss: ISSUER, jti: 'j1' }),
  },
  'its client': { token: ann, world: (world) => world.revoke({ kind: 'client', clientId: 'web' }) },
  'its tenant': { token: ann, world: (world) => world.revoke({ kind: 'tenant', tenant: 'acme' }) },
  'its key': { token: ann, world: (world) => world.revoke({ kind: 'key', kid: String(JWKS.keys[0]?.kid) }) },
  everything: { token: ann, world: (world) => world.revoke({ kind: 'all' }) },
  'what it was exchanged for': {
    token: await own(ANN, { derived_from: [{ iss: ISSUER, jti: 'up', kid: 'k', client_id: 'c' }] }),
    world: (world) => world.revoke({ kind: 'token', iss: ISSUER, jti: 'up' }),
  },
  'the client of what it was exchanged for': {
    token: await own(ANN, { derived_from: [{ iss: ISSUER, jti: 'up', kid: 'k', client_id: 'c' }] }),
    world: (world) => world.revoke({ kind: 'client', clientId: 'c' }),
  },
  'the key of what it was exchanged for': {
    token: await own(ANN, { derived_from: [{ iss: ISSUER, jti: 'up', kid: 'k', client_id: 'c' }] }),
    world: (world) => world.revoke({ kind: 'key', kid: 'k' }),
  },
  'its grant': { token: withGrant, document: 'memo', world: (world) => world.revoke(grantOf('carl')) },
  'a grant of somebody else': { token: withGrant, document: 'memo', world: (world) => world.revoke(grantOf('dora')) },
  'its grant, and granted again': {
    token: withGrant,
    document: 'memo',
    world: (world) => world.revoke(grantOf('carl'), 50),
  },
  // the news
  'of another epoch': { token: await own(ANN, { epoch: 'e0' }) },
  'from later than what is known': {
    token: await own(ANN, { seq: 101 }),
    world: ({ feed }) => void (feed.catchesUp = false),
  },
  'news as old as the action accepts': {
    token: await own(ANN, { acr: 'mfa', auth_time: NOW - 100 }),
    action: 'delete',
    world: ({ feed }) => void (feed.ageSeconds = 5),
  },
  'news older than the action accepts': {
    token: await own(ANN, { acr: 'mfa', auth_time: NOW - 100 }),
    action: 'delete',
    world: ({ feed }) => void (feed.ageSeconds = 6),
  },
  'news as old as a token lives': { token: ann, world: ({ feed }) => void (feed.ageSeconds = 300) },
  'news older than a token lives': { token: ann, world: ({ feed }) => void (feed.ageSeconds = 301) },
  'of a tenant that is not served': {
    token: ann,
    world: (world) => {
      world.tenants = world.feed.tenants = ['globex']
    },
  },
  'of a tenant that is served': {
    token: ann,
    world: (world) => {
      world.tenants = world.feed.tenants = ['acme']
    },
  },
}

function grantOf(person: string): RevocationKey {
  return {
    kind: 'grant',
    tenant: 'acme',
    grantee: `User::"${person}"`,
    template: 'viewer',
    resource: 'Document::"memo"',
  }
}

/** Actions that soften what does not fit: `view` records it, `edit` asks for a sign-in, `delete` says nothing. */
const SOFTENED: Setting = { ...PRESENT, definition: softened({ view: all('log'), edit: all('step-up') }) }
const MISFITS: Readonly<Record<string, Question>> = Object.fromEntries(
  (['view', 'edit', 'delete'] as const).flatMap((action): [string, Question][] => [
    [`${action}, a key that is not proven`, { token: bound, action }],
    [`${action}, another network`, { token: outside, action }],
    [`${action}, another tenant`, { token: ann, action, tenant: 'globex' }],
    [`${action}, another network and tenant`, { token: outside, action, tenant: 'globex' }],
    [`${action}, all fits`, { token: ann, action, hasAdvice: action === 'delete' }],
    [`${action}, of somebody else's document`, { token: outside, action, document: 'memo' }],
  ]),
)

/** What only an OPA is told in words: a guard sees the proof itself. */
const PROVEN: Readonly<Record<string, readonly [request: OpaObject, answer: string]>> = {
  'the key of the token': [{ scheme: 'DPoP', jkt: THUMBPRINT }, '200 allow permit owner-manages'],
  'another key': [{ scheme: 'DPoP', jkt: 'B'.repeat(43) }, '401 deny binding'],
  'no key': [{ scheme: 'DPoP' }, '401 deny binding'],
  'the key, but as Bearer': [{ scheme: 'Bearer', jkt: THUMBPRINT }, '401 deny binding'],
  'a scheme that nobody knows': [{ scheme: 'Basic', jkt: THUMBPRINT }, '401 deny binding'],
}

/** `edit` records what does not fit, `view`, which reveals, refuses it. */
const REVEALING: Setting = { ...PRESENT, definition: softened({ edit: all('log') }) }
const REVEALED: Readonly<Record<string, Question>> = {
  'from its network, who may see it': { token: await own(AUDITOR, { net: ['10.0.0.0/8'] }), action: 'edit' },
  'from another network, who could see it from there': {
    token: await own(AUDITOR, { net: ['192.0.2.0/24'] }),
    action: 'edit',
  },
  'from another network, the owner': { token: outside, action: 'edit' },
}

/** The next policies read more of a principal: an attribute, and a team that a forbid speaks of. */
const NEXT: Setting = {
  ...PRESENT,
  policies: [
    ...POLICIES,
    {
      file: 'more.cedar',
      text: `@id("low") forbid (principal, action == Action::"edit", resource)
when { principal has clearance && principal.clearance < 3 };
@id("blocked") forbid (principal in Team::"blocked", action == Action::"edit", resource);`,
    },
  ],
}
const NEXT_PLAN = planOf(NEXT)
const later = (claims: Readonly<Record<string, unknown>>): Promise<string> => own(ANN, { plan: NEXT_PLAN, ...claims })
const ATTRS = { tenant: 'acme', clearance: null }
const PUBLISHED: Readonly<Record<string, Question>> = {
  'an old token, an action that reads nothing new': { token: ann },
  'an old token, an action that reads more': { token: ann, action: 'edit' },
  'a new token': { token: await later({ attrs: ATTRS, groups: { Team: [] } }), action: 'edit' },
  'of low clearance': {
    token: await later({ attrs: { ...ATTRS, clearance: 1 }, groups: { Team: [] } }),
    action: 'edit',
  },
  'of high clearance': {
    token: await later({ attrs: { ...ATTRS, clearance: 3 }, groups: { Team: [] } }),
    action: 'edit',
  },
  'in the team': { token: await later({ attrs: ATTRS, groups: { Team: ['blocked'] } }), action: 'edit' },
  'in another team': { token: await later({ attrs: ATTRS, groups: { Team: ['blue', 'red'] } }), action: 'edit' },
  'in teams by UUID': {
    token: await later({
      attrs: ATTRS,
      groups: { Team: Buffer.from(UUID.replaceAll('-', ''), 'hex').toString('base64url') },
    }),
    action: 'edit',
  },
  'nothing said of teams': { token: await later({ attrs: ATTRS, groups: {} }), action: 'edit' },
  'nothing said of clearance': {
    token: await later({ attrs: { tenant: 'acme' }, groups: { Team: [] } }),
    action: 'edit',
  },
  'a required attribute that is none': {
    token: await later({ attrs: { ...ATTRS, tenant: null }, groups: { Team: [] } }),
    action: 'edit',
  },
}

/** What a service says wrongly is an error thrown by a guard, and an answer of an OPA. */
const MISTAKES: Readonly<Record<string, readonly [input: OpaObject, answer: string]>> = {
  'an action that there is not': [{ action: 'fly' }, '400 deny invalid_request'],
  'a resource of another type': [
    { resource: { type: 'Folder', id: 'plans', attributes: { tenant: 'acme' } } },
    '400 deny invalid_request',
  ],
  'a resource without attributes': [{ resource: { type: 'Document', id: 'plan' } }, '404 deny invalid_entity'],
  'a resource with one too many': [
    { resource: { ...resourceOf('plan'), attributes: { tenant: 'acme', owner: 'ann', classified: false, more: 1 } } },
    '404 deny invalid_entity',
  ],
  'a parent of a type that has none below': [
    { resource: { ...resourceOf('plan'), parents: [{ type: 'User', id: 'ann' }] } },
    '404 deny invalid_entity',
  ],
  'a parent that is none': [{ resource: { ...resourceOf('plan'), parents: ['plans'] } }, '404 deny invalid_entity'],
  'a fact that is not its to say': [
    { action: 'delete', context: { acr: 'mfa', authTime: '2027-01-15T08:00:00Z' } },
    '400 deny invalid_request',
  ],
  'a word that the action does not know': [{ context: { outside: false } }, '400 deny invalid_request'],
  'a word of another type': [{ action: 'share', context: { outside: 'no' } }, '400 deny invalid_request'],
  'no word where one is needed': [{ action: 'share' }, '400 deny invalid_request'],
  'a context that is no object': [{ context: [] }, '400 deny invalid_request'],
  nothing: [{ token: null, action: null, resource: null, context: null, request: null }, '401 deny invalid_token'],
}

interface Comparison {
  readonly table: Readonly<Record<string, Question>>
  readonly setting: Setting
  readonly fewestAllows: number
  readonly fewestAnswers: number
}

const COMPARISONS: readonly (readonly [name: string, Comparison])[] = [
  ['every question', { table: QUESTIONS, setting: PRESENT, fewestAllows: 20, fewestAnswers: 12 }],
  ['every question about a softened binding', { table: MISFITS, setting: SOFTENED, fewestAllows: 3, fewestAnswers: 4 }],
  [
    'every question about what may be known',
    { table: REVEALED, setting: REVEALING, fewestAllows: 1, fewestAnswers: 3 },
  ],
  ['every question after a publication', { table: PUBLISHED, setting: NEXT, fewestAllows: 4, fewestAnswers: 5 }],
]

describe('a guard and an OPA', () => {
  test.for(COMPARISONS)('answer %s the same', async ([, { table, setting, fewestAllows, fewestAnswers }], { skip }) => {
    const command = await requireOpa(skip)
    const names = Object.keys(table)
    const questions = Object.values(table)
    const guards: string[] = []
    const asked: Asked[] = []
    for (const question of questions) {
      const world = new World(setting)
      question.world?.(world)
      guards.push(await askGuard(question, world))
      asked.push({ input: inputOf(question), news: newsOf(world), hasAdvice: question.hasAdvice ?? false })
    }
    const opas = await askOpa(command, asked, setting)
    const byName = (answers: readonly string[]): Record<string, string> =>
      Object.fromEntries(names.map((name, index) => [name, answers[index] ?? 'nothing']))
    expect(byName(opas)).toEqual(byName(guards))
    // a comparison of two who deny everything would hold as well
    expect(guards.filter((answer) => answer.startsWith('200 allow')).length).toBeGreaterThanOrEqual(fewestAllows)
    expect(new Set(guards).size).toBeGreaterThanOrEqual(fewestAnswers)
  })
})

describe('an OPA that is asked wrongly', () => {
  test('says so, and allows nothing', async ({ skip }) => {
    const news = newsOf(new World(PRESENT))
    const asked = Object.values(MISTAKES).map(([wrong]) => ({ input: { ...inputOf({ token: ann }), ...wrong }, news }))
    const answers = await askOpa(await requireOpa(skip), asked, PRESENT)
    expect(Object.fromEntries(Object.keys(MISTAKES).map((name, index) => [name, answers[index]]))).toEqual(
      Object.fromEntries(Object.entries(MISTAKES).map(([name, [, answer]]) => [name, answer])),
    )
  })
})

describe('an OPA that is told who proved a key', () => {
  test('takes the key of the token alone', async ({ skip }) => {
    const command = await requireOpa(skip)
    const news = newsOf(new World(PRESENT))
    const asked = Object.values(PROVEN).map(([request]) => ({
      input: { ...inputOf({ token: bound }), request: { ...request, address: OFFICE } },
      news,
    }))
    const answers = await askOpa(command, asked, PRESENT)
    expect(answers).toEqual(Object.values(PROVEN).map(([, answer]) => answer))
  })
})

describe('an OPA that is told of a proof which does not hold', () => {
  test('refuses, also where an action only records a missing one', async ({ skip }) => {
    const command = await requireOpa(skip)
    const news = newsOf(new World(SOFTENED))
    const asked = [{ scheme: 'DPoP', jkt: 'B'.repeat(43) }, { scheme: 'DPoP' }, { scheme: 'Bearer' }].map(
      (request) => ({ input: { ...inputOf({ token: bound }), request: { ...request, address: OFFICE } }, news }),
    )
    expect(await askOpa(command, asked, SOFTENED)).toEqual([
      '401 deny binding',
      '401 deny binding',
      '200 allow permit owner-manages',
    ])
  })
})

describe('an OPA without what it needs denies', () => {
  const whole = newsOf(new World(PRESENT))
  const { e1: present = {} } = whole['revocations'] as { readonly [epoch: string]: OpaObject }
  test.for<readonly [string, OpaObject]>([
    ['no news', {}],
    ['news of no format', without(whole, 'format')],
    ['news of another format', { ...whole, format: 2 }],
    ['news of no time', without(whole, 'time')],
    ['news of no place', without(whole, 'seq')],
    ['news of no epoch', without(whole, 'epoch')],
    ['news of another issuer', { ...whole, issuer: 'https://other.example' }],
    ['news for another audience', { ...whole, audience: 'https://other.example' }],
    ['no key', { ...whole, keys: {} }],
    ['no revocations', without(whole, 'revocations')],
    ['revocations of another epoch', { ...whole, revocations: { e0: {} } }],
    ...Object.keys(present).map((kind): readonly [string, OpaObject] => [
      `revocations without ${kind}`,
      { ...whole, revocations: { e1: without(present, kind) } },
    ]),
    ['no key for names', without(whole, 'subject_key')],
    ['no word about tenants', without(whole, 'tenants')],
    ['no word about policies', without(whole, 'policy')],
    ['news from the future', { ...whole, time: NOW + 2 }],
  ])('%s', async ([, news], { skip }) => {
    const command = await requireOpa(skip)
    const input = inputOf({ token: ann })
    const [damaged = '', sound] = await askOpa(
      command,
      [
        { input, news },
        { input, news: whole },
      ],
      PRESENT,
    )
    expect(damaged).toMatch(/^\d+ deny/)
    expect(sound).toBe('200 allow permit owner-manages')
  })
})

/** The HTTP status, the decision, its reason and the policies that determined it. */
async function askGuard(question: Question, { feed }: World): Promise<string> {
  const { token, action = 'view', document = 'plan', context, address = OFFICE, tenant } = question
  let status = 200
  try {
    const more = { address, ...(tenant === undefined ? {} : { tenant }) }
    const auth = await feed.guard.authenticate(requestWith(token === '' ? undefined : token, more))
    auth.authorize(action, document === null ? undefined : Document(documentNamed(document)), context as never)
  } catch (error) {
    if (!(error instanceof DeniedError)) throw error
    status = error.status
  }
  const last = feed.events.at(-1)
  if (last === undefined) return 'nothing'
  return answerText(question, { ...last, status, determining: last.policies })
}

/** Advice is a guard's alone, and with it a sign-in as the answer to a deny. */
function answerText({ hasAdvice = false }: Pick<Question, 'hasAdvice'>, answer: OpaAnswer): string {
  const { decision, reason, determining, status } = answer
  const policies = decision === 'allow' || reason.startsWith('forbid') ? determining.toSorted() : []
  return `${hasAdvice ? 'advice' : status} ${decision} ${reason} ${policies.join(' ')}`.trim()
}

interface Asked extends Pick<Question, 'hasAdvice'> {
  readonly input: OpaObject
  readonly news: OpaObject
  /** In the place of what the bundle says. */
  readonly settings?: OpaObject
}

interface OpaAnswer {
  readonly status: number
  readonly decision: string
  readonly reason: string
  readonly determining: readonly string[]
}

async function askOpa(command: string, asked: readonly Asked[], setting: Setting): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cardea-opa-tokens-'))
  try {
    // every plan that a living token may have been packed with
    const plans = setting === PRESENT ? [] : [PLAN]
    const bundle = openBundleOf(revisionOf(setting), setting.policies, setting.definition, plans)
    const { modules, data } = opaPolicyFiles(bundle, {
      issuer: ISSUER,
      principalType: 'User',
      clientType: 'Client',
      maxLifetimeSeconds: 86_400,
    })
    for (const [path, text] of modules) await put(folder, path, text)
    await put(folder, 'data.json', printOpaJson(data))
    await put(folder, 'test.rego', ASKING)
    await put(
      folder,
      'input.json',
      printOpaJson({ asked: asked.map(({ input, news, settings = {} }) => ({ input, news, settings })) }),
    )
    const args = [
      'eval',
      '--format',
      'raw',
      '--input',
      join(folder, 'input.json'),
      '--data',
      folder,
      'data.asking.answers',
    ]
    const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 64 * 1024 * 1024 })
    const answers = JSON.parse(stdout) as readonly OpaAnswer[]
    return answers.map((answer, index) => answerText(asked[index] ?? {}, answer))
  } finally {
    await rm(folder, { recursive: true })
  }
}

const ASKING = `package asking

answers := [answer |
	some question in input.asked
	settings := object.union(data.cardea.settings, question.settings)
	answer := data.cardea.authz.decision with input as question.input with data.cardea.news as question.news with data.cardea.settings as settings with time.now_ns as ${NOW}000000000
]
`

async function put(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

function inputOf(question: Question): OpaObject {
  const { token, action = 'view', document = 'plan', context = {}, address = OFFICE, tenant } = question
  return {
    token,
    action,
    resource: document === null ? null : resourceOf(document),
    context: context as OpaObject,
    request: { scheme: 'Bearer', address, ...(tenant === undefined ? {} : { tenant }) },
  }
}

function resourceOf(id: string): OpaObject {
  const row = documentNamed(id)
  return {
    type: 'Document',
    id,
    attributes: { tenant: row.tenant_id, owner: row.owner_id, classified: row.classified === 1 },
    parents: [{ type: 'Folder', id: row.folder_id }],
  }
}

function newsOf(world: World): OpaObject {
  const { cardea } = JSON.parse(printOpaJson(world.news)) as { readonly cardea: { readonly news: OpaObject } }
  return cardea.news
}

/** The digest of the plan that a new token is packed by. */
function planOf({ policies, definition }: Setting): string {
  const [plan] = openBundleOf(2, policies, definition, []).content.plans
  if (plan === undefined) throw new TypeError('a bundle has a plan')
  return plan.digest
}

/** A fake feed begins with 1 and counts what is published. */
function revisionOf(setting: Setting): number {
  return setting === PRESENT ? 1 : 2
}

describe('policies in an OPA that have had their time deny', () => {
  const news = newsOf(new World(PRESENT))
  const since = (seconds: number): OpaObject => ({ ...news, policy: { revision: 2, since: NOW - seconds } })
  test.for<readonly [string, OpaObject, OpaObject, string]>([
    ['in their last second', news, { not_after: NOW + 1 }, '200 allow permit owner-manages'],
    ['at their end', news, { not_after: NOW }, '503 deny stale'],
    ['without an end', news, { not_after: null }, '503 deny stale'],
    ['with newer ones as long as a token lives', since(300), {}, '200 allow permit owner-manages'],
    ['with newer ones for longer', since(301), {}, '503 deny stale'],
    ['of another audience', news, { audience: 'https://other.example' }, '401 deny invalid_token'],
    ['of another issuer', news, { issuer: 'https://other.example' }, '401 deny invalid_token'],
    ['without plans', news, { plans: null }, '401 deny claims_outdated'],
    ['without actions', news, { actions: null }, '400 deny invalid_request'],
  ])('%s', async ([, heard, settings, expected], { skip }) => {
    const asked = { input: inputOf({ token: ann }), news: heard, settings }
    expect(await askOpa(await requireOpa(skip), [asked], PRESENT)).toEqual([expected])
  })
})

function without(object: OpaObject, name: string): OpaObject {
  return Object.fromEntries(Object.entries(object).filter(([member]) => member !== name))
}
