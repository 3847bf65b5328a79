// Brings a SQLite file to this version, a step a transaction.

import type { DatabaseSync } from 'node:sqlite'
import { createSubjectKey } from '@cardea/feed'
import { refuseNewer, stepsIn } from '../steps.ts'

const STEPS = stepsIn({
  integer: 'INTEGER',
  text: 'TEXT',
  table: { plain: 'STRICT', keyed: 'STRICT, WITHOUT ROWID' },
})

/** A new database gets its first epoch. Errors: `ERR_AUTHORITY_STORE_NEWER`. */
export function migrate(database: DatabaseSync, epoch: () => string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
  refuseNewer(version, STEPS.length)
  for (const [index, step] of STEPS.entries()) {
    if (index < version) continue
    database.exec('BEGIN IMMEDIATE')
    try {
      database.exec(step)
      if (index === 0) {
        database.prepare('INSERT INTO position (one, epoch, seq, pruned) VALUES (1, ?, 0, 0)').run(epoch())
      }
      database.exec(`PRAGMA user_version = ${index + 1}`)
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }
  database.prepare('UPDATE position SET subject_key = ? WHERE subject_key IS NULL').run(createSubjectKey())
}
