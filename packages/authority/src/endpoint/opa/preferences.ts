// What a downloading OPA says in its headers: `Prefer: modes=snapshot,delta;wait=30`, and `If-None-Match` with what it has, which may be
// nothing, or several. What is not understood is as if it were not there: then an OPA downloads, which is never wrong.

/** Seconds that a question may be held. */
const LONGEST_HOLD_SECONDS = 300

/** How long the caller would wait for something new: 0 where it says nothing, or not clearly. */
export function readWaitSeconds(prefer: string | undefined): number {
  const parts = (prefer ?? '').split(/[;,]/).map((part) => part.trim())
  const waits = parts.filter((part) => /^wait *=/i.test(part))
  const [, seconds] = /^wait *= *("?)0*([0-9]{1,9})\1$/i.exec(waits[0] ?? '')?.slice(1) ?? []
  if (waits.length !== 1 || seconds === undefined) return 0
  return Math.min(Number(seconds), LONGEST_HOLD_SECONDS)
}

/** The digests that the caller has. OPA sends that of its bundle, and may send those before it. */
export function readKnownDigests(ifNoneMatch: string | undefined): readonly string[] {
  return (ifNoneMatch ?? '').split(',').flatMap((part) => {
    const [, digest] = /^(?:W\/)?"([\w-]{43})"$/.exec(part.trim()) ?? []
    return digest === undefined ? [] : [digest]
  })
}

export function entityTag(digest: string): string {
  return `"${digest}"`
}
