// What is done how often: mostly uses, in the order in which they matter to each other, and seldom what ends everything.

import fc from 'fast-check'
import { move } from './clock.ts'
import { exchangeAgain, signIn } from './exchange.ts'
import { DOCUMENTS, grant, grantAgain, takeBack, TEMPLATES } from './grants.ts'
import { listen } from './guards.ts'
import { kill, rotate } from './keys.ts'
import type { Client, Model } from './model.ts'
import { passOn } from './pass-on.ts'
import { type Race, race } from './race.ts'
import type { Command, Real } from './real.ts'
import { giveBack, refresh, steal } from './refresh.ts'
import { type Kind, revoke, revokeToken } from './revoke.ts'
import type { Asked, Asking } from './rules.ts'

const MOST_COMMANDS = 50
/** What takes away much. */
const WIDE = ['principal', 'client', 'service', 'tenant', 'all'] as const

const seed = fc.nat({ max: 5 })
/** Of a token, counted from the last one. */
const recent = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 1 }) }, { weight: 2, arbitrary: fc.nat({ max: 7 }) })
const age = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat({ max: 3 }) })
const template = fc.constantFrom(...TEMPLATES)
const document = fc.constantFrom(...DOCUMENTS)

const asked: fc.Arbitrary<Asked> = fc.record({
  template,
  document,
  grantee: fc.constantFrom(undefined, undefined, 'Team::"blue"', 'User::"ann"'),
})
const asking: fc.Arbitrary<Asking> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.array(asked, { minLength: 1, maxLength: 5 }) },
)

const signingIn = fc
  .tuple(fc.constantFrom<Client>('app', 'app', 'backend'), seed, asking)
  .map((parts) => signIn(...parts))
const exchanging = fc.tuple(seed, asking).map((parts) => exchangeAgain(...parts))
const using = fc.tuple(seed, age, fc.constantFrom(1, 1, 1, 3), asking).map((parts) => refresh(...parts))
const passing = fc.tuple(recent, fc.constantFrom(1, 1, 2, 4), asking).map((parts) => passOn(...parts))
const granting = fc.record({ person: seed, isTeam: fc.boolean(), template, document }).map(grant)
const takingBack = fc.tuple(seed, fc.constantFrom('id' as const, 'revocation' as const)).map((it) => takeBack(...it))
const waiting = fc.constantFrom(1, 1, 3, 3, 9, 9, 10, 11, 30, 60, 60, 3599, 3600, 20_000, -1, -5, -20, -4000).map(move)
const racing = fc
  .tuple(seed, fc.constantFrom<Race>('session', 'grant', 'token', 'key'), fc.constantFrom(0, 0, 0, 1, 2, 4, 8, 12))
  .map((parts) => race(...parts))
const revoking = (...kinds: readonly Kind[]): fc.Arbitrary<Command> =>
  fc.tuple(seed, fc.constantFrom(...kinds)).map((parts) => revoke(...parts))
const ending = fc.oneof(
  { weight: 4, arbitrary: revoking('session') },
  { weight: 3, arbitrary: revoking(...WIDE) },
  { weight: 3, arbitrary: fc.tuple(seed, age).map((parts) => giveBack(...parts)) },
)
const revokingTokens = fc
  .tuple(recent, fc.constantFrom('client' as const, 'admin' as const))
  .map((parts) => revokeToken(...parts))
const changingKeys = fc.oneof(
  { weight: 2, arbitrary: fc.constant(rotate()) },
  { weight: 1, arbitrary: recent.map(kill) },
)

/** What takes several steps in this order, and would be seen seldom. */
const LINES: { readonly [Name in 'reuse' | 'keys' | 'none']: readonly Command[] } = {
  reuse: [refresh(0, 0, 1, undefined), refresh(0, 0, 1, undefined), refresh(0, 2, 1, undefined)],
  // the key that goes is of what the last token came of, and not its own
  keys: [
    signIn('backend', 2, undefined),
    passOn(0, 1, undefined),
    rotate(),
    passOn(0, 1, undefined),
    kill(1),
    listen(),
  ],
  none: [],
}

/** What a run ends with: a token is passed on after its end, something wide is taken away, and the one whose it was comes back. */
export const endings: fc.Arbitrary<readonly Command[]> = fc
  .tuple(
    fc.constantFrom('reuse' as const, 'keys' as const, 'none' as const),
    recent,
    fc.nat({ max: 1 }),
    fc.constantFrom('session', ...WIDE),
  )
  .map(([line, token, whose, kind]) => [
    ...LINES[line],
    revokeToken(token, 'admin'),
    passOn(token, 1, undefined),
    revoke(whose, kind),
    signIn(whose === 0 ? 'app' : 'backend', whose, undefined),
    exchangeAgain(whose, undefined),
  ])

/** What stands here often happens often. */
const often = <T>(times: number, one: fc.Arbitrary<T>): readonly fc.Arbitrary<T>[] =>
  Array.from({ length: times }, () => one)

export const commands: fc.Arbitrary<Iterable<fc.AsyncCommand<Model, Real>>> = fc.commands(
  [
    signingIn,
    ...often(2, exchanging),
    ...often(9, using),
    ...often(6, passing),
    ...often(3, granting),
    ...often(2, takingBack),
    seed.map(grantAgain),
    ...often(3, waiting),
    fc.tuple(seed, age).map((parts) => steal(...parts)),
    ending,
    revokingTokens,
    changingKeys,
    ...often(3, racing),
    fc.constant(listen()),
  ],
  { maxCommands: MOST_COMMANDS, size: 'max' },
)
