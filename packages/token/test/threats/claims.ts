// Groups 12 to 15 and 18 to 20: what an attacker, or a careless issuer, writes into the claims.

import { AUDIENCE, claimsText, forge, ISSUER, NOW } from '../fixture.ts'
import { claims, group, header, raw, type Threat, withText } from './threat.ts'

const duplicates = group(12, [
  ...['role', 'exp', 'aud', 'sub', 'iss'].map((name) => {
    const once = name === 'role' ? '"role":"user",' : ''
    return [`claim \`${name}\` twice`, withText(`${once}"${name}":"admin"`), 'ERR_TOKEN_JSON_DUPLICATE'] as const
  }),
  ['claim `aud` twice, once escaped', withText(`"\\u0061ud":"${AUDIENCE}"`), 'ERR_TOKEN_JSON_DUPLICATE'],
  [
    'header `alg` twice',
    header('{"alg":"none","alg":"ES256","kid":"es-1","typ":"at+jwt"}'),
    'ERR_TOKEN_JSON_DUPLICATE',
  ],
  [
    'header `kid` twice, once escaped',
    header('{"alg":"ES256","kid":"es-1","k\\u0069d":"x","typ":"at+jwt"}'),
    'ERR_TOKEN_JSON_DUPLICATE',
  ],
])

const times = group(13, [
  ['exp a string', claims({ exp: String(NOW + 100) }), 'ERR_TOKEN_CLAIM'],
  ['exp null', claims({ exp: null }), 'ERR_TOKEN_CLAIM'],
  ['exp true', claims({ exp: true }), 'ERR_TOKEN_CLAIM'],
  ['exp negative', claims({ exp: -1 }), 'ERR_TOKEN_CLAIM'],
  ['exp 0', claims({ exp: 0 }), 'ERR_TOKEN_TIMES'],
  ['exp 1e400', raw({ exp: '1e400' }), 'ERR_TOKEN_JSON_NUMBER'],
  ['exp the text NaN', claims({ exp: 'NaN' }), 'ERR_TOKEN_CLAIM'],
  ['exp NaN', raw({ exp: 'NaN' }), 'ERR_TOKEN_JSON'],
  ['exp 2^53 + 1', raw({ exp: '9007199254740993' }), 'ERR_TOKEN_JSON_NUMBER'],
  ['exp 2^53 - 1', raw({ exp: '9007199254740991' }), 'ERR_TOKEN_LIFETIME'],
  ['exp 1e15', raw({ exp: '1e15' }), 'ERR_TOKEN_LIFETIME'],
  ['exp with a fraction', claims({ exp: NOW + 100.5 }), 'ERR_TOKEN_CLAIM'],
  ['exp absent', claims({ exp: undefined }), 'ERR_TOKEN_CLAIM_MISSING'],
  ['exp now', claims({ exp: NOW }), 'ERR_TOKEN_EXPIRED'],
  ['exp one second ago', claims({ exp: NOW - 1 }), 'ERR_TOKEN_EXPIRED'],
  ['exp in one second', claims({ exp: NOW + 1 }), 'accepted'],
  ['exp before iat', claims({ iat: NOW + 5, exp: NOW + 4 }), 'ERR_TOKEN_TIMES'],
  ['exp at iat', claims({ iat: NOW + 5, exp: NOW + 5 }), 'ERR_TOKEN_TIMES'],
  ['nbf an hour ahead', claims({ nbf: NOW + 3600 }), 'ERR_TOKEN_NOT_YET'],
  ['nbf 11 s ahead', claims({ nbf: NOW + 11 }), 'ERR_TOKEN_NOT_YET'],
  ['nbf 10 s ahead', claims({ nbf: NOW + 10 }), 'accepted'],
  ['nbf a string', claims({ nbf: '0' }), 'ERR_TOKEN_CLAIM'],
  ['iat 11 s ahead', claims({ iat: NOW + 11 }), 'ERR_TOKEN_ISSUED_AHEAD'],
  ['iat 10 s ahead', claims({ iat: NOW + 10 }), 'accepted'],
  ['iat absent', claims({ iat: undefined }), 'ERR_TOKEN_CLAIM_MISSING'],
  ['iat with a fraction', claims({ iat: NOW - 0.5 }), 'ERR_TOKEN_CLAIM'],
  ['a day and a second', claims({ iat: NOW, exp: NOW + 86_401 }), 'ERR_TOKEN_LIFETIME'],
  ['a day', claims({ iat: NOW, exp: NOW + 86_400 }), 'accepted'],
])

const audiences = group(14, [
  ['missing', claims({ aud: undefined }), 'ERR_TOKEN_CLAIM_MISSING'],
  ['null', claims({ aud: null }), 'ERR_TOKEN_CLAIM'],
  ['empty text', claims({ aud: '' }), 'ERR_TOKEN_CLAIM'],
  ['empty array', claims({ aud: [] }), 'ERR_TOKEN_CLAIM'],
  ['array with a number', claims({ aud: [AUDIENCE, 1] }), 'ERR_TOKEN_CLAIM'],
  ['array in an array', claims({ aud: [[AUDIENCE]] }), 'ERR_TOKEN_CLAIM'],
  ['an object', claims({ aud: { 0: AUDIENCE } }), 'ERR_TOKEN_CLAIM'],
  ['ours among others', claims({ aud: ['https://other.example', AUDIENCE] }), 'accepted'],
  [
    '17 audiences',
    claims({ aud: [AUDIENCE, ...Array.from({ length: 16 }, (_, i) => `a${i}`)] }),
    'ERR_TOKEN_AUDIENCES',
  ],
  ['16 audiences', claims({ aud: [AUDIENCE, ...Array.from({ length: 15 }, (_, i) => `a${i}`)] }), 'accepted'],
  ['a prefix of ours', claims({ aud: AUDIENCE.slice(0, -1) }), 'ERR_TOKEN_AUDIENCE'],
  ['ours and more', claims({ aud: `${AUDIENCE}2` }), 'ERR_TOKEN_AUDIENCE'],
  ['ours and another in one text', claims({ aud: `${AUDIENCE} https://other.example` }), 'ERR_TOKEN_AUDIENCE'],
  ['upper case', claims({ aud: AUDIENCE.toUpperCase() }), 'ERR_TOKEN_AUDIENCE'],
  ['trailing slash', claims({ aud: `${AUDIENCE}/` }), 'ERR_TOKEN_AUDIENCE'],
  ['a wildcard', claims({ aud: '*' }), 'ERR_TOKEN_AUDIENCE'],
])

const issuers = group(15, [
  ['missing', claims({ iss: undefined }), 'ERR_TOKEN_CLAIM_MISSING'],
  ['trailing slash', claims({ iss: `${ISSUER}/` }), 'ERR_TOKEN_ISSUER'],
  ['upper-case host', claims({ iss: 'https://ISSUER.example' }), 'ERR_TOKEN_ISSUER'],
  ['default port', claims({ iss: `${ISSUER}:443` }), 'ERR_TOKEN_ISSUER'],
  ['percent-encoding twin', claims({ iss: 'https://issuer%2Eexample' }), 'ERR_TOKEN_ISSUER'],
  ['an array of ours', claims({ iss: [ISSUER] }), 'ERR_TOKEN_CLAIM'],
  ['another issuer', claims({ iss: 'https://other.example' }), 'ERR_TOKEN_ISSUER'],
  ['a full stop at the end', claims({ iss: `${ISSUER}.` }), 'ERR_TOKEN_ISSUER'],
])

const names = group(18, [
  ['`__proto__`', withText('"__proto__":{"role":"admin"}'), 'ERR_TOKEN_JSON_PROTO'],
  ['`__proto__`, nested', withText('"a":{"b":[{"__proto__":{}}]}'), 'ERR_TOKEN_JSON_PROTO'],
  [
    '`__proto__` in the header',
    header('{"alg":"ES256","kid":"es-1","typ":"at+jwt","__proto__":{}}'),
    'ERR_TOKEN_JSON_PROTO',
  ],
  ...['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'].map(
    (name) => [`\`${name}\` is data like any other`, withText(`"${name}":{"${name}":1}`), 'accepted'] as const,
  ),
  [
    '`constructor` as the type of an authorization detail',
    withText('"authorization_details":[{"type":"constructor"}]'),
    'accepted',
  ],
])

const sizes = group(19, [
  ['20 000 levels', withText(`"a":${'['.repeat(20_000)}`), 'ERR_TOKEN_SIZE'],
  ['17 levels', withText(`"a":${'['.repeat(16)}${']'.repeat(16)}`), 'ERR_TOKEN_JSON_DEPTH'],
  ['16 levels', withText(`"a":${'['.repeat(15)}${']'.repeat(15)}`), 'accepted'],
  [
    '9 levels in the header',
    header(`{"alg":"ES256","kid":"es-1","typ":"at+jwt","a":${'['.repeat(8)}${']'.repeat(8)}}`),
    'ERR_TOKEN_JSON_DEPTH',
  ],
  ['100 000 members', withText(Array.from({ length: 100_000 }, (_, i) => `"m${i}":0`).join(',')), 'ERR_TOKEN_SIZE'],
  ['a string of 5 MB', claims({ a: 'x'.repeat(5_000_000) }), 'ERR_TOKEN_SIZE'],
  ['10^6 elements', withText(`"a":[${'0,'.repeat(999_999)}0]`), 'ERR_TOKEN_SIZE'],
])

const texts = group(20, [
  ['half a character in sub', withText('"x":"\\ud800"'), 'ERR_TOKEN_JSON_TEXT'],
  [
    'overlong UTF-8',
    forge({ payload: Buffer.from(claimsText({ sub: '"\xc0\xaf"' }), 'latin1') }),
    'ERR_TOKEN_JSON_TEXT',
  ],
  ['a byte order mark before the claims', forge({ payload: `\uFEFF${claimsText({})}` }), 'ERR_TOKEN_JSON_TEXT'],
  [
    'a byte order mark before the header',
    header('\uFEFF{"alg":"ES256","kid":"es-1","typ":"at+jwt"}'),
    'ERR_TOKEN_JSON_TEXT',
  ],
  ['NUL in sub', claims({ sub: 'ann\0' }), 'ERR_TOKEN_CLAIM'],
  ['a line break in sub', claims({ sub: 'ann\nroot' }), 'ERR_TOKEN_CLAIM'],
  ['right-to-left override in sub', claims({ sub: '\u202Enimda' }), 'ERR_TOKEN_CLAIM'],
  ['an isolate in sub', claims({ sub: 'ann\u2066' }), 'ERR_TOKEN_CLAIM'],
  ['empty sub', claims({ sub: '' }), 'ERR_TOKEN_CLAIM'],
  ['sub of 513 characters', claims({ sub: 's'.repeat(513) }), 'ERR_TOKEN_CLAIM'],
  ['sub a number', claims({ sub: 42 }), 'ERR_TOKEN_CLAIM'],
  ['claims that are an array', forge({ payload: '[]' }), 'ERR_TOKEN_CLAIM'],
  ['claims that are text', forge({ payload: '"x"' }), 'ERR_TOKEN_CLAIM'],
  ['a header that is an array', header('[]'), 'ERR_TOKEN_HEADER'],
  ['a header with text behind it', header('{"alg":"ES256","kid":"es-1","typ":"at+jwt"}x'), 'ERR_TOKEN_JSON'],
])

export const CLAIM_THREATS: readonly Threat[] = [
  ...duplicates,
  ...times,
  ...audiences,
  ...issuers,
  ...names,
  ...sizes,
  ...texts,
]
