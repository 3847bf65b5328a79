// Two texts line by line: what both have, what only the first has (`-`), what only the second has (`+`).

export interface DiffLine {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

/** Longest common subsequence; for texts of a page. Cost: lines times lines. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [old, now] = [before.split('\n'), after.split('\n')]
  // common[i][j]: how many lines the rest of `old` from i and the rest of `now` from j share
  const common = Array.from({ length: old.length + 1 }, () => Array<number>(now.length + 1).fill(0))
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const row = common[i]
      if (row !== undefined) row[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < now.length) {
    const [left, right] = [old[i], now[j]]
    if (left !== undefined && left === right) {
      lines.push({ sign: ' ', text: left })
      i += 1
      j += 1
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: '-', text: left })
      i += 1
    } else if (right !== undefined) {
      lines.push({ sign: '+', text: right })
      j += 1
    }
  }
  return lines
}
