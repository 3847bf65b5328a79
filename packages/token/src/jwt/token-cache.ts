// Remembers tokens whose signature was checked. Bounded, and dropped by age of use: two generations, of which the elder
// is let go when the younger is full. It saves the signature check and nothing else.

import type { VerificationKey } from '../key/verification-key.ts'
import type { VerifiedToken } from './verified-token.ts'

export interface CacheEntry {
  readonly text: string
  readonly token: VerifiedToken
  readonly key: VerificationKey
  /** The key source's generation when `key` was last seen in the set. */
  generation: number
}

export interface TokenCache {
  get(text: string): CacheEntry | undefined
  set(entry: CacheEntry): void
  delete(entry: CacheEntry): void
  readonly size: number
}

/** Holds at most `maxEntries` tokens; 0 remembers nothing. */
export function createTokenCache(maxEntries: number): TokenCache {
  const youngSize = Math.floor(maxEntries / 2)
  let young = new Map<string, CacheEntry>()
  let old = new Map<string, CacheEntry>()

  function put(key: string, entry: CacheEntry): void {
    if (youngSize === 0) return
    if (young.size >= youngSize && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, entry)
  }

  return {
    get(text) {
      const key = cacheKey(text)
      const entry = young.get(key)
      if (entry !== undefined) return entry.text === text ? entry : undefined
      const elder = old.get(key)
      if (elder === undefined || elder.text !== text) return undefined
      old.delete(key)
      put(key, elder)
      return elder
    },
    set(entry) {
      const key = cacheKey(entry.text)
      old.delete(key)
      put(key, entry)
    },
    delete(entry) {
      const key = cacheKey(entry.text)
      for (const map of [young, old]) if (map.get(key) === entry) map.delete(key)
    },
    get size() {
      return young.size + old.size
    },
  }
}

/**
 * V8 hashes a string once and character by character, and every request brings a new string: the last 24 characters, 18 bytes
 * of the signature, tell tokens apart as well. INVARIANT: a hit compares the whole text, so what is shared is only a slot.
 */
function cacheKey(text: string): string {
  return text.slice(-24)
}
