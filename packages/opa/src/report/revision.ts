// The revisions that bundles of an authority say: `7` or `7-digest` of policy, `epoch:seq:time` of news. Those of anybody else have no
// order here.

export type Revision =
  | { readonly kind: 'policy'; readonly number: number }
  | { readonly kind: 'news'; readonly epoch: string; readonly seq: number; readonly timeSeconds: number }

const POLICY = /^(\d{1,15})(?:[-+:_][\w+-]*)?$/
const NEWS = /^([\w-]{1,64}):(\d{1,15}):(\d{1,15})$/

/** `undefined` for what is neither. */
export function parseRevision(text: string): Revision | undefined {
  const news = NEWS.exec(text)
  if (news !== null) {
    const [, epoch = '', seq, time] = news
    return { kind: 'news', epoch, seq: Number(seq), timeSeconds: Number(time) }
  }
  const policy = POLICY.exec(text)
  return policy === null ? undefined : { kind: 'policy', number: Number(policy[1]) }
}

/** Whether the first is older than the second. Of two kinds or two epochs there is no telling: false. */
export function isOlder(first: Revision, second: Revision): boolean {
  if (first.kind === 'policy') return second.kind === 'policy' && first.number < second.number
  if (second.kind === 'policy' || first.epoch !== second.epoch) return false
  return first.seq < second.seq || (first.seq === second.seq && first.timeSeconds < second.timeSeconds)
}
