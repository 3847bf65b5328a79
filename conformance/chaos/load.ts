// What people and administrators do meanwhile: sign in, look at documents, grant, take back, revoke, rotate and kill keys, publish. Everything
// that is asked and answered goes into the model, and every allow is judged at once.

import type { SigningKey } from '@cardea/token'
import { setTimeout as wait } from 'node:timers/promises'
import type { Random } from '../fuzz/random.ts'
import { Api, Refused } from './api.ts'
import type { Cluster } from './cluster.ts'
import type { Asked, Model, TokenHistory } from './model.ts'
import { DOCUMENTS, OTHER_TENANT, policyText, schemaText, TENANT, USERS } from './setting.ts'
import { SignIns } from './sign-ins.ts'

export interface Tally {
  asked: number
  allowed: number
  denied: number
  /** Of the denied ones: those where an allow would have been a violation that a lesser guard would commit. */
  withdrawn: number
  unanswered: number
  written: number
  failedWrites: number
  readonly violations: string[]
  /** Why guards denied, how often. */
  readonly reasons: Map<string, number>
}

const GUARD_PAUSE = { least: 2, most: 20 } as const
const ADMIN_PAUSE = { least: 20, most: 120 } as const
const KEPT_TOKENS = 400
const RECENTLY = 15_000

export class Load {
  readonly api = new Api()
  readonly signIns: SignIns
  readonly tally: Tally = {
    asked: 0,
    allowed: 0,
    denied: 0,
    withdrawn: 0,
    unanswered: 0,
    written: 0,
    failedWrites: 0,
    violations: [],
    reasons: new Map(),
  }
  readonly #cluster: Cluster
  readonly #model: Model
  readonly #random: Random
  readonly #frozen = new Set<string>()

  constructor(cluster: Cluster, model: Model, random: Random, providerKey: SigningKey) {
    this.#cluster = cluster
    this.#model = model
    this.#random = random
    this.signIns = new SignIns(this.api, model, random, providerKey, () => this.#authority())
  }

  async run(signal: AbortSignal): Promise<void> {
    const loops = [
      ...Array.from({ length: 4 }, () => this.#repeat(signal, GUARD_PAUSE, () => this.#look())),
      ...Array.from({ length: 2 }, () => this.#repeat(signal, ADMIN_PAUSE, () => this.#administer())),
      ...Array.from({ length: 2 }, () =>
        this.#repeat(signal, ADMIN_PAUSE, async () => void (await this.signIns.signIn(this.#random.pick(USERS)))),
      ),
      ...Array.from({ length: 3 }, () => this.#repeat(signal, ADMIN_PAUSE, () => this.signIns.refresh())),
    ]
    await Promise.all(loops)
  }

  /** Asks a guard, and judges what it says. */
  async look(token: TokenHistory, document: string, guard: number): Promise<boolean | undefined> {
    const { tally } = this
    tally.asked += 1
    const answer = await this.#cluster.ask(guard, token.text, document)
    if (answer === undefined) {
      tally.unanswered += 1
      return undefined
    }
    tally.reasons.set(answer.reason, (tally.reasons.get(answer.reason) ?? 0) + 1)
    const wrong = this.#model.wrongAllow({ token, document, began: answer.began, ended: answer.ended })
    if (!answer.allowed) {
      tally.denied += 1
      if (wrong?.kind === 'withdrawn') tally.withdrawn += 1
      return false
    }
    tally.allowed += 1
    if (wrong !== undefined)
      tally.violations.push(`guard ${guard} let ${token.user} see ${document} though ${wrong.text}`)
    return true
  }

  async #look(): Promise<void> {
    const tokens = this.#model.tokens.slice(-KEPT_TOKENS)
    const living = tokens.filter(({ expiresSeconds }) => expiresSeconds * 1000 > Date.now())
    const among = living.length > 0 && this.#random.chance(0.95) ? living : tokens
    if (among.length === 0) return
    const token = this.#random.pick(among)
    await this.look(token, this.#documentFor(token), this.#random.below(this.#cluster.guards))
  }

  /** Mostly what the token allows or has allowed: only there an answer can be wrong. */
  #documentFor({ user, got }: TokenHistory): string {
    const granted = this.#model.grants.filter((grant) => grant.user === user && grant.granted.began < got)
    const held = granted.filter(({ taken }) => taken === undefined || Date.now() - taken.began < RECENTLY)
    if (held.length > 0 && this.#random.chance(0.8)) return this.#random.pick(held).document
    return granted.length > 0 && this.#random.chance(0.7)
      ? this.#random.pick(granted).document
      : this.#random.pick(DOCUMENTS)
  }

  async #administer(): Promise<void> {
    const choice = this.#random.below(200)
    if (choice < 100) return this.#grant()
    if (choice < 150) return this.#take()
    if (choice < 176) return this.#revoke()
    if (choice < 188) return this.#revokeElsewhere()
    if (choice < 196) return this.publish(this.#random.pick(DOCUMENTS.slice(0, 4)))
    return choice < 199 ? this.#rotate() : this.#killKey()
  }

  async #grant(): Promise<void> {
    const user = this.#random.pick(USERS)
    const document = this.#random.pick(DOCUMENTS)
    const taken = this.#model.grants.some(
      (grant) => grant.user === user && grant.document === document && grant.taken === undefined,
    )
    if (taken) return
    const history: Model['grants'][number] = { user, document, granted: { began: Date.now() } }
    this.#model.grants.push(history)
    const body = { tenant: TENANT, template: 'viewer', grantee: `User::"${user}"`, resource: `Document::"${document}"` }
    await this.#write(history.granted, async () => {
      history.id = String((await this.#admin('POST', '/v1/grants', body))['id'])
    })
  }

  async #take(): Promise<void> {
    const known = this.#model.grants.filter(({ id, taken }) => id !== undefined && taken === undefined)
    if (known.length === 0) return
    const history = this.#random.pick(known)
    history.taken = { began: Date.now() }
    await this.#write(history.taken, () => this.#admin('DELETE', `/v1/grants/${history.id}`))
  }

  async #revoke(): Promise<void> {
    const token = this.#model.tokens.at(-1 - this.#random.below(40))
    if (token === undefined) return
    const isSession = this.#random.chance(0.7)
    const value = isSession ? token.sid : token.user
    const kind = isSession ? 'session' : 'principal'
    const asked: Asked = { began: Date.now() }
    this.#model.revocations.push({ key: { kind, value }, asked })
    const key = isSession ? { kind, sid: value } : { kind, tenant: TENANT, sub: value }
    await this.#write(asked, () => this.#admin('POST', '/v1/revocations', { key }))
  }

  /** Takes nothing from anybody: the log moves on, and for some guards it does not. */
  async #revokeElsewhere(): Promise<void> {
    const key = { kind: 'principal', tenant: OTHER_TENANT, sub: this.#random.pick(USERS) }
    await this.#write({ began: Date.now() }, () => this.#admin('POST', '/v1/revocations', { key }))
  }

  async #rotate(): Promise<void> {
    await this.#write({ began: Date.now() }, () => this.#admin('POST', '/v1/keys/rotate', { now: true }))
  }

  async #killKey(): Promise<void> {
    const token = this.#model.tokens.at(-1)
    if (token === undefined) return
    const asked: Asked = { began: Date.now() }
    this.#model.revocations.push({ key: { kind: 'key', value: token.kid }, asked })
    await this.#write(asked, () => this.#admin('POST', `/v1/keys/${token.kid}/kill`, {}))
  }

  /** Freezes the document, or lets it be seen again; `undefined` publishes what there is. */
  async publish(document?: string): Promise<void> {
    const frozen = new Set(this.#frozen)
    const isFrozen = document !== undefined && !frozen.delete(document)
    if (isFrozen) frozen.add(document)
    const asked: Asked = { began: Date.now() }
    if (document !== undefined) this.#model.freezes.push({ document, frozen: isFrozen, asked })
    await this.#write(asked, async () => {
      const { etag } = await this.#admin('GET', '/v1/policies/current')
      const body = {
        schema: { file: 'schema.cedarschema', text: schemaText },
        policies: [{ file: 'policies.cedar', text: policyText(frozen) }],
      }
      await this.#admin('POST', '/v1/policies', body, { 'if-match': String(etag) })
      this.#frozen.clear()
      for (const each of frozen) this.#frozen.add(each)
    })
  }

  get frozen(): ReadonlySet<string> {
    return this.#frozen
  }

  async #write(asked: Asked, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
      asked.acked = Date.now()
      this.tally.written += 1
    } catch (error) {
      this.tally.failedWrites += 1
      if (error instanceof Refused) this.api.forget()
    }
  }

  #admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): ReturnType<Api['admin']> {
    return this.api.admin(this.#authority(), method, path, body, headers)
  }

  #authority(): string {
    return this.#random.pick(this.#cluster.networks).url
  }

  async #repeat(
    signal: AbortSignal,
    pause: { readonly least: number; readonly most: number },
    work: () => Promise<void>,
  ): Promise<void> {
    while (!signal.aborted) {
      await work().catch(() => {})
      await wait(this.#random.between(pause.least, pause.most))
    }
  }
}
