// Keys that are at hand: a set as data, or a source of the caller's own.

import { createLocalKeys, type JsonWebKeySet, type KeySource } from '@cardea/token'

/** Throws `TokenError` for a set with a symmetric, private, weak or doubled key. */
export function keysOf(keys: JsonWebKeySet | KeySource): KeySource {
  return 'generation' in keys ? keys : createLocalKeys(keys)
}
