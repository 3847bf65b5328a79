// Filters in Kysely queries, and Node's own SQLite under Kysely.

export { nodeSqlite } from './node-sqlite.ts'
export { where } from './where.ts'
export type { WhereOptions } from './where.ts'
