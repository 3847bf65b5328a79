// How long a key is distributed before it signs, and after. INVARIANT: longer than any verifier looks at one key set, so that none
// meets a signature of a key that it has not heard of, or has forgotten too early.

/** The `max-age` of the key set as we send it: caches on the way may serve it that long. */
export const KEY_SET_MAX_AGE_SECONDS = 60

/** How long a verifier keeps what it fetched: ten minutes in `createRemoteJWKSet` of jose, five in ours. A guard hears by the feed. */
const VERIFIER_CACHE_SECONDS = 600

/** Another authority of the same database may hear of a change that late, and clocks differ. */
const MARGIN_SECONDS = 60

export const DISTRIBUTION_SECONDS: number = KEY_SET_MAX_AGE_SECONDS + VERIFIER_CACHE_SECONDS + MARGIN_SECONDS
