// Where a database is: the path of a file, `:memory:`, or the address of a PostgreSQL server.

export function isPostgres(location: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(location)
}
