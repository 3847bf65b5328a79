// What a guard and an OPA are asked about one set of policies: what the policies say, every way in which a token can be wrong, what was
// revoked, and how old the news are.

import { entityUid } from '@cardea/policy'
import type { RevocationKey } from '@cardea/feed'
import {
  ANN,
  AUDIENCE,
  AUDITOR,
  BOB,
  ISSUER,
  JWKS,
  KEY,
  NOW,
  STRANGER,
  tokenByReference,
  tokenFor,
} from '../../packages/guard/test/support/world.ts'
import type { Question } from './both.ts'
import {
  ann,
  bound,
  GRANT,
  OTHER_KEY,
  own,
  part,
  PLACE,
  respelled,
  signed,
  THUMBPRINT,
  UUID,
  withGrant,
} from './tokens.ts'

export const QUESTIONS: Readonly<Record<string, Question>> = {
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
