// Whether a store is the address of a PostgreSQL server, and no file that could be there or not.

/** Of a database, which is no path. */
export function isAddress(store: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(store)
}
