// A fault to plant: one exact text of one source file, replaced. Faults are data, and must stay true to the sources they break.

export interface Fault {
  /** Unique; `--only` takes it. */
  readonly name: string
  /** From the repository's root. */
  readonly file: string
  /** Stands exactly once in the file, or the fault cannot be planted and the run fails. */
  readonly find: string
  readonly replace: string
  /** What it breaks, for the reader of the list. */
  readonly breaks: string
  /** The checks that are run before the others, as they are the most likely to catch it: this saves time only. */
  readonly first?: readonly string[]
}

/** The source with the fault in it, or why it cannot be planted. */
export function plant(
  source: string,
  { find, replace }: Fault,
): { readonly source: string } | { readonly problem: string } {
  const count = source.split(find).length - 1
  if (count !== 1) return { problem: `its text stands ${count} times in the file` }
  return { source: source.replace(find, () => replace) }
}

/** The faults of one file, a row each: name, text to find, replacement, what it breaks. */
export function faultsIn(
  file: string,
  rows: readonly (readonly [name: string, find: string, replace: string, breaks: string])[],
): readonly Fault[] {
  return rows.map(([name, find, replace, breaks]) => ({ name, file, find, replace, breaks }))
}
