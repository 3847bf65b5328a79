// A key set that lives at an address. One fetch in flight, a pause between any two, the last good set until it is too old,
// and then no key at all. The address comes from configuration; nothing in a token can change it.

import { systemNow } from '../clock.ts'
import { asTokenError, TokenError } from '../errors.ts'
import type { VerificationKey } from '../key/verification-key.ts'
import { checkFetchUrl, fetchJson } from './fetch-json.ts'
import { isSameIndex, type KeyIndex, readKeySet } from './key-set.ts'
import type { KeySource } from './key-source.ts'

export interface RemoteKeysOptions {
  /** https, or http to this machine. */
  readonly url: string
  readonly fetch?: typeof globalThis.fetch
  /** Unix seconds. */
  readonly now?: () => number
  /** The least time between two fetches, whatever asks for them. Default 30. */
  readonly cooldownSeconds?: number
  /** A set older than this is fetched again before it is used: how long a removed key may still count. Default 300. */
  readonly maxAgeSeconds?: number
  /** How long the last good set serves while fetching fails. Default 3600. */
  readonly maxStaleSeconds?: number
  /** Default 5000. */
  readonly timeoutMilliseconds?: number
  /** Default 262144. */
  readonly maxBytes?: number
  /** Told of every failed fetch, also of those that the last good set covers. */
  readonly onFailure?: (error: TokenError) => void
}

/**
 * Keys fetched when they are first needed. An unknown `kid` causes a fetch at most once in `cooldownSeconds`, so a flood of
 * made-up names costs nothing. There is no memory of unknown names: it would lock out a key whose name was guessed
 * before it was published. Throws `ERR_TOKEN_KEYS_URL` at once; `key` throws `ERR_TOKEN_KEYS_UNAVAILABLE`.
 */
export function createRemoteKeys(options: RemoteKeysOptions): KeySource {
  return new RemoteKeys(options)
}

class RemoteKeys implements KeySource {
  readonly #url: URL
  readonly #now: () => number
  readonly #options: Required<Omit<RemoteKeysOptions, 'url' | 'now' | 'onFailure'>>
  readonly #onFailure: (error: TokenError) => void
  #index: KeyIndex = new Map()
  #generation = 0
  #fetchedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #inFlight: Promise<void> | undefined
  #lastFailure: TokenError | undefined

  constructor({ url, now = systemNow, onFailure = () => {}, ...rest }: RemoteKeysOptions) {
    this.#url = checkFetchUrl(url)
    this.#now = now
    this.#onFailure = onFailure
    this.#options = {
      fetch: rest.fetch ?? globalThis.fetch,
      cooldownSeconds: rest.cooldownSeconds ?? 30,
      maxAgeSeconds: rest.maxAgeSeconds ?? 300,
      maxStaleSeconds: rest.maxStaleSeconds ?? 3600,
      timeoutMilliseconds: rest.timeoutMilliseconds ?? 5000,
      maxBytes: rest.maxBytes ?? 262_144,
    }
  }

  /** NaN, which equals nothing, while the set must be looked at again: every remembered token then asks for its key. */
  get generation(): number {
    return this.#isLapsed() || this.#isDue() ? Number.NaN : this.#generation
  }

  key(kid: string): VerificationKey | undefined | Promise<VerificationKey | undefined> {
    const known = this.#index.get(kid)
    return known !== undefined && !this.#isDue() && !this.#isLapsed() ? known : this.#lookUp(kid)
  }

  async #lookUp(kid: string): Promise<VerificationKey | undefined> {
    if (this.#isDue() || (!this.#index.has(kid) && !this.#isPausing())) await this.#refresh()
    // Another caller's fetch may bring the key, so it is waited for; it is bounded in time.
    else if (this.#inFlight !== undefined) await this.#inFlight
    if (this.#isLapsed()) throw new TokenError('ERR_TOKEN_KEYS_UNAVAILABLE', undefined, { cause: this.#lastFailure })
    return this.#index.get(kid)
  }

  /** Never rejects: what failed is told to `onFailure`, and the age of the set decides. */
  async #refresh(): Promise<void> {
    this.#inFlight ??= this.#load().finally(() => {
      this.#inFlight = undefined
    })
    await this.#inFlight
  }

  async #load(): Promise<void> {
    const startedAt = this.#now()
    this.#triedAt = startedAt
    try {
      const index = readKeySet(await fetchJson(this.#url, this.#options), { unusable: 'skip', previous: this.#index })
      if (!isSameIndex(index, this.#index)) {
        this.#index = index
        this.#generation += 1
      }
      this.#fetchedAt = startedAt
      this.#lastFailure = undefined
    } catch (thrown) {
      this.#lastFailure = asTokenError(thrown)
      this.#onFailure(this.#lastFailure)
    }
  }

  #isDue(): boolean {
    return elapsed(this.#fetchedAt, this.#now()) >= this.#options.maxAgeSeconds && !this.#isPausing()
  }

  #isPausing(): boolean {
    return elapsed(this.#triedAt, this.#now()) < this.#options.cooldownSeconds
  }

  #isLapsed(): boolean {
    return elapsed(this.#fetchedAt, this.#now()) >= this.#options.maxAgeSeconds + this.#options.maxStaleSeconds
  }
}

/** A clock that was set back proves nothing about the age, so it counts as very old. */
function elapsed(since: number, now: number): number {
  return now >= since ? now - since : Number.POSITIVE_INFINITY
}
