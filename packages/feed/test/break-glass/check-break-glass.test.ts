// For whom a statement is, and when.

import { describe, expect, test } from 'vitest'
import { type BreakGlass, type BreakGlassPlace, checkBreakGlass, isBreakGlassFor } from '../../src/index.ts'
import { AUDIENCE, codeOf, NOON } from '../fixture.ts'
import { ISSUER, statementOf } from './statement.ts'

const PLACE: BreakGlassPlace = {
  issuer: ISSUER,
  audience: AUDIENCE,
  client: 'documents',
  epoch: 'e1',
  nowSeconds: NOON + 10,
}

describe('a statement', () => {
  const cases: readonly [string, Partial<BreakGlass>, Partial<BreakGlassPlace>, string][] = [
    ['for this guard', {}, {}, 'none'],
    ['that names this guard', { clients: ['other', 'documents'] }, {}, 'none'],
    ['at its first second', {}, { nowSeconds: NOON }, 'none'],
    ['in its last second', {}, { nowSeconds: NOON + 7199.9 }, 'none'],
    ['of another authority', { iss: 'https://other.example' }, {}, 'ERR_FEED_BREAK_GLASS_FOREIGN'],
    ['of an authority with a slash more', { iss: `${ISSUER}/` }, {}, 'ERR_FEED_BREAK_GLASS_FOREIGN'],
    ['for another audience', { aud: 'https://mail.example' }, {}, 'ERR_FEED_BREAK_GLASS_FOREIGN'],
    ['for other guards', { clients: ['other'] }, {}, 'ERR_FEED_BREAK_GLASS_FOREIGN'],
    ['of another epoch', { epoch: 'e0' }, {}, 'ERR_FEED_BREAK_GLASS_EPOCH'],
    ['at its end', {}, { nowSeconds: NOON + 7200 }, 'ERR_FEED_BREAK_GLASS_EXPIRED'],
    ['after its end', {}, { nowSeconds: NOON + 86_400 }, 'ERR_FEED_BREAK_GLASS_EXPIRED'],
    ['before its beginning', {}, { nowSeconds: NOON - 0.1 }, 'ERR_FEED_BREAK_GLASS_AHEAD'],
    ['by a clock that says nonsense', {}, { nowSeconds: Number.NaN }, 'ERR_FEED_BREAK_GLASS_EXPIRED'],
  ]
  test.each(cases)('%s', async (_name, changes, place, expected) => {
    const at = { ...PLACE, ...place }
    expect(await codeOf(() => checkBreakGlass(statementOf(changes), at))).toBe(expected)
    expect(isBreakGlassFor(statementOf(changes), at)).toBe(expected === 'none')
  })
})
