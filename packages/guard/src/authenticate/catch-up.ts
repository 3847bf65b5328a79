// Waiting, briefly, for news that are on their way: a guard may be a moment behind what its caller has seen.

import { parsePosition } from '@cardea/feed'
import type { VerifiedToken } from '@cardea/token'
import type { Source } from '../source/source.ts'
import type { GuardRequest } from './request.ts'
import { BEHIND, MALFORMED, Stop } from './stop.ts'

/** Whether there is anything to wait for; mostly there is not. */
export function mayBeBehind(source: Source, { claims }: VerifiedToken, { headers }: GuardRequest): boolean {
  const position = source.position()
  if (position === undefined) return false
  return (
    (claims.seq ?? 0) > position.seq ||
    headers['cardea-at-least'] !== undefined ||
    source.ageSeconds() === Number.POSITIVE_INFINITY
  )
}

/**
 * What the token or the caller has seen, and policies just announced. Whether what the token has seen came is asked when the caller is let
 * in. Throws `Stop`.
 */
export async function catchUp(source: Source, { claims }: VerifiedToken, { headers }: GuardRequest): Promise<void> {
  const position = source.position()
  if (position === undefined) return
  const { epoch } = position
  if (claims.epoch === epoch && (claims.seq ?? 0) > position.seq) {
    await source.waitFor({ epoch, seq: claims.seq ?? 0 })
  }
  const atLeast = headers['cardea-at-least']
  if (atLeast !== undefined) {
    const wanted = positionOf(atLeast)
    if (wanted === undefined) throw new Stop(MALFORMED)
    if (!(await source.waitFor(wanted))) throw new Stop(BEHIND)
  }
  // Not whole: announced policies are being fetched. Whether they came is asked when the caller is let in.
  if (source.ageSeconds() === Number.POSITIVE_INFINITY) await source.waitFor(position)
}

function positionOf(header: string | readonly string[]): ReturnType<typeof parsePosition> | undefined {
  try {
    return parsePosition(String(header))
  } catch {
    return undefined
  }
}
