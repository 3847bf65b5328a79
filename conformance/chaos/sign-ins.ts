// Sign-ins that go on by refresh tokens while everything breaks. Of the public client each is used once, now and then twice at the same moment,
// and now and then one that was spent long ago comes back, which must end the sign-in.
// What is judged: no token for a sign-in that has ended, one successor, and no refresh lost that was acknowledged.

import { issueToken, type SigningKey } from '@cardea/token'
import type { Random } from '../fuzz/random.ts'
import { type Api, Refused, type SignInClient, type Tokens } from './api.ts'
import type { Model, TokenHistory } from './model.ts'
import { PROVIDER, SIGN_IN_CLIENTS } from './setting.ts'

interface SignIn {
  readonly client: SignInClient
  readonly user: string
  readonly sid: string
  readonly asked: number
  /** When it had been answered. */
  readonly signedIn: number
  refreshToken: string
  /** What it replaced. */
  previous: string | undefined
  /** What that replaced: its successor was used, so it may never be taken again. */
  spent: string | undefined
  /** One answer never came, or clocks may differ about a retry: a refusal from then on proves nothing. */
  isUncertain: boolean
}

const KEPT = 200

export class SignIns {
  /** What must not be, in words. */
  readonly violations: string[] = []
  refreshed = 0
  reused = 0
  readonly #api: Api
  readonly #model: Model
  readonly #random: Random
  readonly #providerKey: SigningKey
  readonly #authority: () => string
  readonly #busy = new Set<SignIn>()
  #open: SignIn[] = []
  #count = 0

  constructor(api: Api, model: Model, random: Random, providerKey: SigningKey, authority: () => string) {
    this.#api = api
    this.#model = model
    this.#random = random
    this.#providerKey = providerKey
    this.#authority = authority
  }

  /** A new one, and a token of it. */
  async signIn(user: string): Promise<TokenHistory> {
    const client = this.#random.pick(SIGN_IN_CLIENTS)
    const iat = Math.floor(Date.now() / 1000) - 1
    const nonce = String(++this.#count)
    const claims = { iss: PROVIDER, sub: user, aud: client, iat, exp: iat + 600, nonce }
    const idToken = await issueToken(claims, this.#providerKey, { type: 'JWT' })
    const asked = Date.now()
    const tokens = await this.#api.exchange(this.#authority(), client, idToken)
    const token = this.#note(tokens.accessToken, { user, signedIn: Date.now() }, asked)
    const { sid, signedIn } = token
    const { refreshToken } = tokens
    this.#open = [
      ...this.#open.slice(-KEPT),
      { client, user, sid, asked, signedIn, refreshToken, previous: undefined, spent: undefined, isUncertain: false },
    ]
    return token
  }

  /** One use of one of them, in one of the ways in which clients use theirs. */
  async refresh(): Promise<void> {
    const idle = this.#open.filter((signIn) => !this.#busy.has(signIn))
    if (idle.length === 0) return
    const signIn = this.#random.pick(idle)
    const choice = this.#random.below(10)
    this.#busy.add(signIn)
    try {
      if (choice === 0 && signIn.spent !== undefined) await this.#reuse(signIn, signIn.spent)
      else if (choice < 3) await this.#useTwice(signIn)
      else await this.#use(signIn)
    } finally {
      this.#busy.delete(signIn)
    }
  }

  /** Every sign-in that nothing can have ended must still go on. */
  async checkAll(): Promise<readonly string[]> {
    const before = this.violations.length
    for (const signIn of this.#open) {
      if (!signIn.isUncertain && !this.#model.mayHaveEnded(signIn)) await this.#use(signIn)
    }
    return this.violations.slice(before)
  }

  async #use(signIn: SignIn): Promise<void> {
    const { refreshToken } = signIn
    try {
      const tokens = await this.#ask(signIn, refreshToken)
      this.refreshed += 1
      follow(signIn, tokens.refreshToken)
    } catch (error) {
      if (error instanceof Refused) this.#judgeRefusal(signIn)
      else signIn.isUncertain = true
    }
  }

  /** Two at the same moment: as if an answer had been lost. Both get the same, or one of them nothing. */
  async #useTwice(signIn: SignIn): Promise<void> {
    const { refreshToken } = signIn
    signIn.isUncertain = true
    const answers = await Promise.allSettled([this.#ask(signIn, refreshToken), this.#ask(signIn, refreshToken)])
    const successors = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value.refreshToken] : []))
    if (new Set(successors).size > 1) this.violations.push('two successors of one refresh token were given out')
    this.refreshed += successors.length
    const [successor] = successors
    if (successor !== undefined) follow(signIn, successor)
  }

  async #reuse(signIn: SignIn, spent: string): Promise<void> {
    this.reused += 1
    const asked = { began: Date.now(), acked: undefined as number | undefined }
    signIn.isUncertain = true
    try {
      await this.#ask(signIn, spent)
      this.violations.push('a refresh token was taken whose successor had been used')
    } catch (error) {
      if (error instanceof Refused) asked.acked = Date.now()
    }
    const { began, acked } = asked
    this.#model.revocations.push({
      key: { kind: 'session', value: signIn.sid },
      asked: acked === undefined ? { began } : { began, acked },
    })
  }

  async #ask(signIn: SignIn, refreshToken: string): Promise<Tokens> {
    const asked = Date.now()
    const tokens = await this.#api.refresh(this.#authority(), signIn.client, refreshToken)
    this.#note(tokens.accessToken, signIn, asked)
    return tokens
  }

  #judgeRefusal(signIn: SignIn): void {
    this.#open = this.#open.filter((one) => one !== signIn)
    if (signIn.isUncertain || this.#model.mayHaveEnded(signIn)) return
    this.violations.push(`a sign-in of ${signIn.user} was lost: its refresh token was refused`)
  }

  #note(text: string, { user, signedIn }: Pick<SignIn, 'user' | 'signedIn'>, asked: number): TokenHistory {
    const [header, claims] = text
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
    const { sid, exp: expiresSeconds } = claims
    const token = { text, user, sid, kid: header.kid, expiresSeconds, signedIn, asked, got: Date.now() }
    this.#model.tokens.push(token)
    const wrong = this.#model.wrongToken(token)
    if (wrong !== undefined) this.violations.push(`a token was issued though ${wrong}`)
    return token
  }
}

function follow(signIn: SignIn, successor: string): void {
  if (successor === signIn.refreshToken) return
  signIn.spent = signIn.previous
  signIn.previous = signIn.refreshToken
  signIn.refreshToken = successor
}
