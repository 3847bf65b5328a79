// "Did you mean": the candidate that a mistyped word is nearest to.

/**
 * The candidate within a third of the word's length in edits (at least one; for one or two letters none), ignoring case;
 * `undefined` when none is. Of several that are as near, the first.
 */
export function nearMiss<Name extends string>(word: string, candidates: Iterable<Name>): Name | undefined {
  if (word.length > LONGEST) return undefined
  const allowed = word.length < 3 ? 0 : Math.max(1, Math.floor(word.length / 3))
  let best: Name | undefined
  let bestDistance = allowed + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** A hint that names the candidate, if there is one. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const near = nearMiss(word, candidates)
  return near === undefined ? undefined : `did you mean \`${near}\`?`
}

/** Longer words are no slips of the finger, and the distance costs the product of the lengths. */
const LONGEST = 40

/** Letters that are changed, missing, too many, or swapped with their neighbour. */
function editDistance(from: string, to: string): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1]
      const isSwapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    before = row
    row = next
  }
  return row[to.length] ?? 0
}
