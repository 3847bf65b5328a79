// The transaction that a token comes of, and its signature, so that neither is there without the other. A key at hand signs after the
// commit and does not fail. An external signer can fail and takes its time, so it is asked first: the transaction is rehearsed and
// undone, the token of the rehearsal is signed while nobody waits for the database, and then the transaction is made. INVARIANT: a
// failing signer spends no refresh token and no assertion, and holds no lock.

import { AuthorityError } from '../../errors.ts'
import type { Parts } from '../../parts.ts'
import type { StoreTransaction } from '../../store/store.ts'
import { type Assembled, reportToken, signAssembled, type TokenAnswer } from './issue.ts'

/** How often what a token would say may change between the rehearsal and the transaction. */
const TRIES = 3

export interface Written<Outcome> {
  readonly outcome: Outcome
  /** The token, once nothing more can refuse it. Errors: `ERR_AUTHORITY_SIGNER`. */
  token(this: void): Promise<TokenAnswer>
}

/**
 * `work` may run more than once; what it chooses at random and writes into the token must be chosen before. `assembledOf` is the token
 * that an outcome stands for, if there is one. Errors: `ERR_AUTHORITY_SIGNER`, and what `work` throws.
 */
export async function writeAndSign<Outcome>(
  work: (transaction: StoreTransaction) => Promise<Outcome>,
  assembledOf: (outcome: Outcome) => Assembled | undefined,
  parts: Parts,
): Promise<Written<Outcome>> {
  if ('privateKey' in parts.keys.signer('access')) {
    const outcome = await parts.store.write(work)
    return { outcome, token: async () => finish(required(assembledOf(outcome)), parts) }
  }
  for (let n = 0; n < TRIES; n += 1) {
    const rehearsed = assembledOf(await rehearse(work, parts))
    const signed = rehearsed === undefined ? undefined : { ...rehearsed, text: await signAssembled(rehearsed) }
    const outcome = await commitIfSame(work, (found) => saysTheSame(assembledOf(found), rehearsed), parts)
    if (outcome === undefined) continue
    return {
      outcome: outcome.value,
      token: async () => {
        const { text, ...assembled } = required(signed)
        return reportToken(assembled, text, parts)
      },
    }
  }
  throw new AuthorityError('ERR_AUTHORITY_SIGNER', 'what was to be signed has changed each time')
}

async function finish(assembled: Assembled, parts: Parts): Promise<TokenAnswer> {
  return reportToken(assembled, await signAssembled(assembled), parts)
}

/** What a transaction comes to, and nothing of it stays. */
async function rehearse<Outcome>(
  work: (transaction: StoreTransaction) => Promise<Outcome>,
  { store }: Parts,
): Promise<Outcome> {
  return undone(store, async (transaction) => ({ value: await work(transaction), keep: false }))
}

/** `undefined`, and nothing stays, when it comes to something else. */
async function commitIfSame<Outcome>(
  work: (transaction: StoreTransaction) => Promise<Outcome>,
  isSame: (outcome: Outcome) => boolean,
  { store }: Parts,
): Promise<{ readonly value: Outcome } | undefined> {
  return undone(store, async (transaction) => {
    const value = await work(transaction)
    return isSame(value) ? { value: { value }, keep: true } : { value: undefined, keep: false }
  })
}

class Undone extends Error {}

/** Undoes the transaction unless its work says `keep`. */
async function undone<Value>(
  store: Parts['store'],
  work: (transaction: StoreTransaction) => Promise<{ readonly value: Value; readonly keep: boolean }>,
): Promise<Value> {
  let result: { readonly value: Value; readonly keep: boolean } | undefined
  try {
    await store.write(async (transaction) => {
      result = await work(transaction)
      if (!result.keep) throw new Undone()
    })
  } catch (error) {
    if (!(error instanceof Undone)) throw error
  }
  if (result === undefined) throw new AuthorityError('ERR_AUTHORITY_INTERNAL')
  return result.value
}

/** But for its own number and times. The signed one's position is the older, so what was revoked since counts against it. */
function saysTheSame(left: Assembled | undefined, right: Assembled | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  const facts = ({ claims, key }: Assembled): string =>
    JSON.stringify({ ...claims, jti: '', iat: 0, exp: 0, seq: 0, signedBy: key.kid })
  return facts(left) === facts(right)
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new AuthorityError('ERR_AUTHORITY_INTERNAL', 'nothing was to be signed')
  return value
}
