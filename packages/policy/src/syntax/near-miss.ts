// "Did you mean": the candidate that a mistyped word is nearest to.

/** The candidate within a third of the word's length in edits (at least one), ignoring case; `undefined` when none is. */
export function nearMiss(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined
  const allowed = Math.max(1, Math.floor(word.length / 3))
  let best: string | undefined
  let bestDistance = allowed + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Longer words are no slips of the finger, and the distance costs the product of the lengths. */
const LONGEST = 40

/** Levenshtein distance by one row of its table. */
function editDistance(from: string, to: string): number {
  const row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let i = 1; i <= from.length; i++) {
    let diagonal = i - 1
    row[0] = i
    for (let j = 1; j <= to.length; j++) {
      const above = row[j] ?? 0
      const substitution = diagonal + (from[i - 1] === to[j - 1] ? 0 : 1)
      row[j] = Math.min(above + 1, (row[j - 1] ?? 0) + 1, substitution)
      diagonal = above
    }
  }
  return row[to.length] ?? 0
}
