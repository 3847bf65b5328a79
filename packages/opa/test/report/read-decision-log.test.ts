// What becomes of each event of a decision log: one record, an allow only where an allow was said, and nothing that could be a secret.

import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { OpaError, type OpaRecord, readDecisionLog } from '../../src/index.ts'
import { event, NOW, packed, read, TOKEN } from './reports.ts'

async function one(changes: object): Promise<OpaRecord> {
  const [record] = await read([event(changes)])
  if (record === undefined) throw new Error('no record')
  return record
}

describe('a decision of Cedar-made Rego', () => {
  const result = {
    decision: 'allow',
    reason: 'permit',
    determining: ['owner-manages', 'viewer'],
    errors: [{ policy: 'odd', code: 'ERR_POLICY_EVALUATION_OVERFLOW', message: 'of no matter' }],
    principal: { type: 'User', id: 'ann "the" first' },
    action: { type: 'Docs::Action', id: 'view' },
    resource: { type: 'Document', id: 'plan' },
    tenant: 'acme',
    jti: 'j1',
    sid: 's1',
    revision: 7,
    more: 'of no matter',
  }

  test('is a record like that of a guard', async () => {
    expect(await one({ result, bundles: { policy: { revision: '6-abc' }, news: { revision: 'e1:41:1800' } } })).toEqual(
      {
        id: '1dbed80a-bdea-4a86-b208-e88d1a0d49c2',
        n: 0,
        start: 'opa-1',
        service: 'opa',
        at: '2026-11-26T18:21:15.728Z',
        decision: 'allow',
        reason: 'permit',
        action: 'Docs::view',
        principal: 'User::"ann \\"the\\" first"',
        resource: 'Document::"plan"',
        tenant: 'acme',
        tokenId: 'j1',
        sid: 's1',
        revision: 7,
        policies: ['owner-manages', 'viewer'],
        errors: ['odd: ERR_POLICY_EVALUATION_OVERFLOW'],
        path: 'cardea/authz/decision',
        bundles: { policy: '6-abc', news: 'e1:41:1800' },
        checkpoint: 'resource',
        correlation: '1dbed80a-bdea-4a86-b208-e88d1a0d49c2',
      },
    )
  })

  test('is found where a whole package was asked, and says what would change it', async () => {
    const whole = { ...result, decision: 'deny', reason: 'binding', remedy: { kind: 'step-up', maxAgeSeconds: 0 } }
    expect(await one({ path: 'cardea/authz', result: { allow: false, decision: whole } })).toMatchObject({
      decision: 'deny',
      reason: 'binding',
      remedy: 'step-up',
      principal: 'User::"ann \\"the\\" first"',
      tenant: 'acme',
      revision: 7,
    })
  })

  test('tells what it does not have from the input, and the revision from the bundle', async () => {
    const input = { token: TOKEN, action: 'view', resource: { type: 'Document', id: 'plan', owner: 'bob' } }
    const record = await one({ result: { decision: 'deny' }, input, bundles: { policy: { revision: '6' } } })
    expect(record).toMatchObject({ decision: 'deny', reason: 'rego_deny', action: 'view', revision: 6 })
    expect(record).toMatchObject({ resource: 'Document::"plan"' })
    expect(record).not.toHaveProperty('principal')
  })

  test.each([
    ['a type that is none', { principal: { type: 'User::"ann" ', id: 'x' } }],
    ['a name that is no entity', { principal: 'ann' }],
    ['a number', { principal: 7 }],
    ['an id that is none', { principal: { type: 'User', id: 7 } }],
  ])('%s is no principal', async (_, odd) => {
    expect(await one({ result: { ...result, ...odd } })).not.toHaveProperty('principal')
  })
})

describe('what was decided', () => {
  const rows: readonly [string, object, 'allow' | 'deny', string][] = [
    ['true', { result: true }, 'allow', 'rego_allow'],
    ['false', { result: false }, 'deny', 'rego_deny'],
    ['allow: true', { result: { allow: true, owner: 'x' } }, 'allow', 'rego_allow'],
    ['allow: false', { result: { allow: false } }, 'deny', 'rego_deny'],
    ['allowed, of Envoy', { result: { allowed: true, headers: { a: 'b' } } }, 'allow', 'rego_allow'],
    ['a decision with a reason', { result: { decision: 'deny', reason: 'forbid' } }, 'deny', 'forbid'],
    [
      'a whole package',
      { result: { allow: true, decision: { decision: 'allow', reason: 'permit' } } },
      'allow',
      'permit',
    ],
    ['a whole package that denies', { result: { allow: false, decision: { decision: 'deny' } } }, 'deny', 'rego_deny'],
    [
      'one that contradicts',
      { result: { allow: false, decision: { decision: 'allow', reason: 'permit' } } },
      'deny',
      'permit',
    ],
    ['one within one', { result: { decision: { decision: { decision: 'allow' } } } }, 'deny', 'rego_deny'],
    ['one without a word', { result: { allow: true, decision: {} } }, 'deny', 'rego_deny'],
    ['two that contradict', { result: { decision: 'allow', reason: 'permit', allow: false } }, 'deny', 'permit'],
    ['nothing', {}, 'deny', 'undefined'],
    ['nothing, as the older API says it', { error: { code: 'undefined_document' } }, 'deny', 'undefined'],
    ['an error', { error: { code: 'eval_conflict_error', message: 'x' } }, 'deny', 'rego_error'],
    ['what a mask took away', { erased: ['/input/token', '/result'] }, 'deny', 'erased'],
    ['the text true', { result: 'true' }, 'deny', 'not_a_decision'],
    ['the text allow', { result: 'allow' }, 'deny', 'not_a_decision'],
    ['one', { result: 1 }, 'deny', 'not_a_decision'],
    ['null', { result: null }, 'deny', 'not_a_decision'],
    ['a list', { result: [true] }, 'deny', 'not_a_decision'],
    ['an object without a word', { result: { view: true } }, 'deny', 'not_a_decision'],
    ['the text true as allow', { result: { allow: 'true' } }, 'deny', 'rego_deny'],
    ['true as decision', { result: { decision: true } }, 'deny', 'rego_deny'],
    ['an ad-hoc query', { path: undefined, query: 'data.app.allow', result: [{ x: true }] }, 'deny', 'query'],
  ]
  test.each(rows)('%s', async (_, changes, decision, reason) => {
    expect(await one(changes)).toMatchObject({ decision, reason })
  })

  test('a member that stands twice is no allow', async () => {
    const text = JSON.stringify([event({ result: { allow: 'X' } })]).replace(
      '"allow":"X"',
      '"allow":false,"allow":true',
    )
    expect(await read(text)).toMatchObject([{ decision: 'deny', reason: 'not_a_decision' }])
  })

  test('what is strange beside it does not hide it', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    const text = JSON.stringify([event({ result: { allow: true, more: 'X' }, input: 'X' })]).replaceAll('"X"', deep)
    expect(await read(text)).toMatchObject([{ decision: 'allow', path: 'cardea/authz/decision' }])
    const odd = '{"__proto__":1,"a":1,"a":2,"b":1e999,"c":"\\ud800"}'
    const other = JSON.stringify([event({ result: { allow: true, more: 'X' }, input: 'X' })]).replaceAll('"X"', odd)
    expect(await read(other)).toMatchObject([{ decision: 'allow' }])
  })
})

describe('the path', () => {
  test.each([
    ['app/allow', 'app/allow'],
    ['/app/allow', 'app/allow'],
    ['app/allow/', 'app/allow'],
    ['data/app/allow', 'app/allow'],
    ['/v1/data/app/allow', 'app/allow'],
    ['app.allow', 'app/allow'],
    ['data.app.allow', 'app/allow'],
    ['app/v1.2/allow', 'app/v1.2/allow'],
    ['/', 'data'],
    ['v1/allow', 'v1/allow'],
  ])('%s is %s', async (path, expected) => {
    expect(await one({ path, result: true })).toMatchObject({ path: expected, decision: 'allow' })
  })
  test.each([[undefined], [7], ['']])('%s is none', async (path) => {
    expect(await one({ path, result: true })).not.toHaveProperty('path')
  })
})

describe('secrets', () => {
  const spaced = `${Buffer.from('{ "alg": "ES256" }').toString('base64url')}.eyJhIjoxfQ.c2ln`
  test.each([
    ['a token', TOKEN],
    ['one with space in its header', spaced],
    ['the beginning of one', TOKEN.slice(0, 30)],
    ['a header', `Bearer ${'a1'.repeat(20)}`],
  ])('%s is nowhere in a record', async (_, secret) => {
    const all = {
      token: secret,
      id: secret,
      type: 'User',
      decision: secret,
      reason: secret,
      policy: secret,
      code: secret,
    }
    const uid = { type: 'User', id: secret }
    const facts = { principal: uid, resource: uid, action: secret, tenant: secret, jti: secret, sid: secret }
    const records = await read([
      event({ input: { ...all, action: secret, resource: uid, principal: uid } }),
      event({ result: { ...all, ...facts, determining: [secret], errors: [all] }, path: `app/${secret}` }),
      event({ path: secret, query: secret, result: secret, error: { code: secret, message: secret } }),
      event({ labels: { id: secret }, decision_id: secret, bundles: { [secret]: { revision: secret } } }),
      event({ labels: { id: secret }, timestamp: secret, requested_by: secret, trace_id: secret, erased: [secret] }),
      secret,
      { [secret]: secret },
    ])
    expect(records).toHaveLength(7)
    const kept = JSON.stringify(records)
    // neither it nor any of its parts
    for (const piece of secret.split(/[ .]/).filter((text) => text.length > 8)) expect(kept).not.toContain(piece)
  })

  test('an input of any other shape is not kept', async () => {
    const secret = 'correct horse battery staple'
    const input = { user: secret, resource: secret, principal: { name: secret }, action: [secret] }
    expect(JSON.stringify(await one({ input, result: true }))).not.toContain('horse')
  })

  test('texts that would take a long time to look through do not', async () => {
    const started = performance.now()
    const long = 'ey'.repeat(30_000)
    await read(
      Array.from({ length: 20 }, () =>
        event({ result: { decision: 'deny', reason: long, tenant: `bearer${' '.repeat(60_000)}` } }),
      ),
    )
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('an event that is none', () => {
  const rows: readonly [string, unknown][] = [
    ['a number', 7],
    ['without labels', event({ labels: null })],
    ['without an instance', event({ labels: { version: '1' } })],
    ['of an instance that is no text', event({ labels: { id: 7 } })],
    ['of an endless instance', event({ labels: { id: 'x'.repeat(201) } })],
    ['without an id', event({ decision_id: undefined })],
    ['with an empty id', event({ decision_id: '' })],
    ['with an endless id', event({ decision_id: 'x'.repeat(1001) })],
    ['without a time', event({ timestamp: undefined })],
    ['with a time that is none', event({ timestamp: 'yesterday' })],
    ['with a time that cannot be', event({ timestamp: '2026-13-26T18:21:15Z' })],
  ]
  test.each(rows)('%s is a record that says so, and the others are kept', async (_, bad) => {
    const records = await read([event({ result: true }), bad, event({ result: false })])
    expect(records).toMatchObject([
      { decision: 'allow' },
      { decision: 'deny', reason: 'malformed' },
      { decision: 'deny' },
    ])
    expect(records[1]).toMatchObject({ at: new Date(NOW * 1000).toISOString(), note: expect.any(String) })
  })

  test('is the same record when it comes again', async () => {
    const options = { contentEncoding: 'gzip', nowSeconds: NOW }
    const keys = async (events: unknown[]): Promise<string[]> =>
      (await readDecisionLog(packed(events), options)).map(({ key }) => key)
    const [again] = await keys([7])
    expect(await keys([event(), 7, event({ labels: { id: 'opa-2' } }), event({ decision_id: 'x' })])).toEqual([
      expect.any(String),
      again,
      expect.any(String),
      expect.any(String),
    ])
    expect(new Set(await keys([event(), event({ labels: { id: 'opa-2' } }), event({ decision_id: 'x' })])).size).toBe(3)
  })

  test('long texts are cut and stay apart', async () => {
    const long = (end: string): object => event({ result: { decision: 'deny', tenant: 'x'.repeat(5000) + end } })
    const [first, second] = await read([long('a'), long('b')])
    expect(first?.tenant?.length).toBeLessThan(1000)
    expect(first?.tenant).not.toBe(second?.tenant)
  })
})

describe('a batch that is none', () => {
  const options = { contentEncoding: 'gzip', nowSeconds: NOW }
  const rows: readonly [string, Uint8Array, object, string][] = [
    ['not gzip', Buffer.from('[]'), {}, 'ERR_OPA_REPORT_ENCODING'],
    ['nothing', Buffer.alloc(0), {}, 'ERR_OPA_REPORT_ENCODING'],
    ['cut off', packed([event()]).subarray(0, -4), {}, 'ERR_OPA_REPORT_ENCODING'],
    [
      'with something behind it',
      Buffer.concat([packed([event()]), Buffer.from('junk')]),
      {},
      'ERR_OPA_REPORT_ENCODING',
    ],
    ['of another encoding', packed([]), { contentEncoding: 'br' }, 'ERR_OPA_REPORT_ENCODING'],
    ['of no encoding', packed([]), { contentEncoding: undefined }, 'ERR_OPA_REPORT_ENCODING'],
    ['an object', packed(event()), {}, 'ERR_OPA_REPORT'],
    ['lines of objects', packed(`${JSON.stringify(event())}\n${JSON.stringify(event())}\n`), {}, 'ERR_OPA_REPORT'],
    ['an array and more', packed('[] []'), {}, 'ERR_OPA_REPORT'],
    ['an array that does not end', packed('[{"a":1}'), {}, 'ERR_OPA_REPORT'],
    ['an array without commas', packed('[{} {}]'), {}, 'ERR_OPA_REPORT'],
    ['an array with a comma at its end', packed('[{},]'), {}, 'ERR_OPA_REPORT'],
    ['a text that does not end', packed('["a]'), {}, 'ERR_OPA_REPORT'],
    ['empty', packed(''), {}, 'ERR_OPA_REPORT'],
    ['a bomb', gzipSync(Buffer.alloc(50_000_000, '[')), {}, 'ERR_OPA_REPORT_TOO_LARGE'],
    ['too large as it comes', packed([event()]), { limits: { packedBytes: 10 } }, 'ERR_OPA_REPORT_TOO_LARGE'],
    ['too large unpacked', packed([event()]), { limits: { bytes: 100 } }, 'ERR_OPA_REPORT_TOO_LARGE'],
    ['of too many events', packed([1, 2, 3]), { limits: { events: 2 } }, 'ERR_OPA_REPORT_TOO_LARGE'],
  ]
  test.each(rows)('%s', async (_, bytes, changes, code) => {
    const refused = readDecisionLog(bytes, { ...options, ...changes })
    await expect(refused).rejects.toBeInstanceOf(OpaError)
    await expect(refused).rejects.toMatchObject({ code })
  })
  test('the encoding may be spelled GZIP, and a batch may be empty or have space in it', async () => {
    expect(await read(' [ ] \n', { contentEncoding: 'GZIP' })).toEqual([])
    expect(await read(` [ ${JSON.stringify(event(), null, 2)} ,\n\t7 ] `)).toHaveLength(2)
  })
})
