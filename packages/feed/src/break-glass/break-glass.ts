// Break-glass: for a while the guards of an audience may decide on older news than their actions accept. Signed by the key that guards
// pin for bundles, so that it can be carried by hand to guards that hear nothing. INVARIANT: it says how old news may be, and which
// keys were killed, and nothing else.

/** The members of the signed JSON. */
export interface BreakGlass {
  /** Stands in every record of a decision that needed it. */
  readonly jti: string
  /** The authority. */
  readonly iss: string
  /** The one audience whose guards may use it. */
  readonly aud: string
  /** Of the authority's log: after a restore it counts for nothing. */
  readonly epoch: string
  /** Unix seconds. It counts from `iat` on, and no more at `exp`. */
  readonly iat: number
  readonly exp: number
  /** How old the news may be. */
  readonly maxStaleSeconds: number
  /** Names in the schema; without it, all. */
  readonly actions?: readonly string[]
  /** The enrolled guards that may use it; without it, all of the audience. */
  readonly clients?: readonly string[]
  /** Keys of access tokens that were killed: what they signed is refused, heard or not. */
  readonly killed: readonly string[]
}

/** The `typ` of the header. No token and no other statement has it. */
export const BREAK_GLASS_TYPE = 'cardea-break-glass+jws'

export const BREAK_GLASS_LIMITS = {
  /** Characters of the signed text. */
  textBytes: 65_536,
  /** From `iat` to `exp`. */
  lifeSeconds: 86_400,
  maxStaleSeconds: 86_400,
  /** Of actions, of clients and of killed keys. */
  names: 500,
  nameLength: 300,
} as const
