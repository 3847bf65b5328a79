// The same token, the same question, the same state of the world: a guard and a stock OPA with our modules must say the same, for every
// way in which a token can be wrong that the modules claim to see.

import type { OpaObject } from '@cardea/opa'
import { generateSigningKey, publicJwk } from '@cardea/token'
import { describe, expect, test, vi } from 'vitest'
import { NOW, OFFICE } from '../packages/guard/test/support/world.ts'
import {
  type Asked,
  askGuard,
  askOpa,
  inputOf,
  newsOf,
  PRESENT,
  type Question,
  type Setting,
  World,
} from './opa/both.ts'
import { MISFITS, MISTAKES, NEXT, PROVEN, PUBLISHED, REVEALED, REVEALING, SOFTENED } from './opa/more-questions.ts'
import { QUESTIONS } from './opa/questions.ts'
import { ann, bound, signed } from './opa/tokens.ts'
import { requireOpa } from '../tools/opa.ts'

vi.setConfig({ testTimeout: 120_000 })

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
  test('says so, and takes what is right', async ({ skip }) => {
    const news = newsOf(new World(PRESENT))
    const asked = Object.values(MISTAKES).map(([wrong]) => ({ input: { ...inputOf({ token: ann }), ...wrong }, news }))
    const answers = await askOpa(await requireOpa(skip), asked, PRESENT)
    expect(Object.fromEntries(Object.keys(MISTAKES).map((name, index) => [name, answers[index]]))).toEqual(
      Object.fromEntries(Object.entries(MISTAKES).map(([name, [, answer]]) => [name, answer])),
    )
  })
})

describe('an OPA with keys of every algorithm', () => {
  test.for(['ES256', 'RS256', 'PS256', 'EdDSA'] as const)(
    'takes %s, and no other for that key',
    async (algorithm, { skip }) => {
      const key = await generateSigningKey(algorithm)
      const other = algorithm === 'ES256' ? 'RS256' : 'ES256'
      const jwk = publicJwk(key) as OpaObject
      const newsWith = (alg: string): OpaObject => ({
        ...newsOf(new World(PRESENT)),
        keys: { [key.kid]: { alg, jwk } },
      })
      const asked = [
        { input: inputOf({ token: await signed({ key }) }), news: newsWith(algorithm) },
        { input: inputOf({ token: await signed({ key }) }), news: newsWith(other) },
        { input: inputOf({ token: await signed({ key, header: { alg: other } }) }), news: newsWith(algorithm) },
        { input: inputOf({ token: await signed({ key, header: { alg: other } }) }), news: newsWith(other) },
        { input: inputOf({ token: await signed({ key, header: { alg: 'none' } }) }), news: newsWith('none') },
      ]
      const [own, ...others] = await askOpa(await requireOpa(skip), asked, PRESENT)
      expect(own).toBe('200 allow permit owner-manages')
      expect(others).toEqual(others.map(() => '401 deny invalid_token'))
    },
  )
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
