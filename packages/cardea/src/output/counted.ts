// A number with its noun.

/** `3 files`, `1 file`; `one` where leaving the last letter off is not enough. */
export function counted(number: number, many: string, one: string = many.slice(0, -1)): string {
  return `${number} ${number === 1 ? one : many}`
}
