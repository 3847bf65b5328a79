// What is read of a status report, and in what order revisions stand.

import { describe, expect, test } from 'vitest'
import { isOlder, parseRevision, readStatus } from '../../src/index.ts'
import { TOKEN } from './reports.ts'

const NEVER = '0001-01-01T00:00:00Z'
const bytes = (json: unknown): Uint8Array => Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))

describe('a status report', () => {
  test('says which bundles an OPA has, and what went wrong', () => {
    const report = {
      labels: { app: 'docs', id: 'opa-1', version: '1.22.2' },
      bundles: {
        policy: {
          name: 'policy',
          active_revision: '7-abc',
          last_successful_activation: '2026-11-26T18:21:15.728269657Z',
          type: 'snapshot',
          size: 100,
          metrics: { timer_rego_module_parse_ns: 1 },
        },
        news: {
          name: 'news',
          last_successful_activation: NEVER,
          code: 'bundle_error',
          http_code: 404,
          message: 'of no matter',
          errors: [{ code: 'rego_type_error', message: 'x', location: {} }, { code: 'rego_type_error' }],
        },
        none: null,
      },
      discovery: { name: 'discovery', active_revision: 'd1', last_successful_activation: NEVER },
      decision_logs: { code: 'decision_log_error', message: 'x', http_code: '413' },
      metrics: { prometheus: { go_goroutines: { metric: [{ gauge: { value: 8 } }] } } },
      plugins: { bundle: { state: 'OK' } },
    }
    expect(readStatus(bytes(report))).toEqual({
      instance: 'opa-1',
      version: '1.22.2',
      bundles: [
        { name: 'policy', revision: '7-abc', activatedAtSeconds: 1_795_717_275, errors: [] },
        {
          name: 'news',
          revision: undefined,
          activatedAtSeconds: undefined,
          errors: ['bundle_error', 'http_404', 'rego_type_error'],
        },
      ],
      discovery: { name: 'discovery', revision: 'd1', activatedAtSeconds: undefined, errors: [] },
      logErrors: ['decision_log_error', 'http_413'],
    })
  })

  test('of a young OPA says little', () => {
    expect(readStatus(bytes({ labels: { id: 'opa-1' }, decision_logs: {} }))).toEqual({
      instance: 'opa-1',
      version: undefined,
      bundles: [],
      discovery: undefined,
      logErrors: [],
    })
  })

  test('is bounded, and holds no token', () => {
    const bundle = { active_revision: TOKEN, code: TOKEN, http_code: TOKEN, errors: [{ code: TOKEN }], message: TOKEN }
    const named = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`b${index}${TOKEN}`, bundle]))
    const status = readStatus(
      bytes({ labels: { id: TOKEN, version: TOKEN.repeat(50) }, bundles: named, discovery: bundle }),
    )
    expect(status.bundles).toHaveLength(16)
    expect(JSON.stringify(status)).not.toContain(TOKEN.slice(0, 20))
  })

  test.each([
    ['no JSON', 'status'],
    ['a list', []],
    ['cut off', '{"labels":{"id":"opa-1"}'],
    ['without labels', {}],
    ['without an instance', { labels: { version: '1' } }],
    ['with an empty instance', { labels: { id: '' } }],
    ['with labels twice', '{"labels":{"id":"a"},"labels":{"id":"b"}}'],
  ])('%s is refused', (_, body) => {
    expect(() => readStatus(bytes(body))).toThrow(expect.objectContaining({ code: 'ERR_OPA_REPORT' }))
  })
})

describe('a revision', () => {
  test.each([
    ['7', { kind: 'policy', number: 7 }],
    ['7-q3f_9', { kind: 'policy', number: 7 }],
    ['AbC-9_:41:1800', { kind: 'news', epoch: 'AbC-9_', seq: 41, timeSeconds: 1800 }],
    ['1.2.3', undefined],
    ['main', undefined],
    ['', undefined],
    ['9'.repeat(30), undefined],
  ])('%s is %o', (text, expected) => {
    expect(parseRevision(text)).toEqual(expected)
  })
  test.each([
    ['6', '7', true],
    ['7', '7-abc', false],
    ['10', '9', false],
    ['e:1:5', 'e:2:1', true],
    ['e:2:1', 'e:2:2', true],
    ['e:2:2', 'e:2:2', false],
    ['e:1:1', 'f:2:2', false],
    ['7', 'e:8:8', false],
    ['e:1:1', '7', false],
  ])('%s before %s: %s', (left, right, expected) => {
    const [first, second] = [parseRevision(left), parseRevision(right)]
    if (first === undefined || second === undefined) throw new Error('no revision')
    expect(isOlder(first, second)).toBe(expected)
  })
})
