// Each operator on real rows: what SQLite answers is what deciding each row answers, and what the table says.

import { describe, expect, test } from 'vitest'
import { sqlOf } from '../../src/sql-of.ts'
import { decideIds, filterOf, openDatabase, programOf, selectIds } from '../documents.ts'
import { TABLES } from './conditions.ts'

for (const [name, { rows, cases }] of Object.entries(TABLES)) {
  describe(name, () => {
    const database = openDatabase(rows)
    test.each(cases)('%s', (condition, expected) => {
      const program = programOf(`permit(principal, action, resource) when { ${condition} };`)
      const ids = expected === '' ? [] : expected.split(' ')
      expect(decideIds(rows, { program })).toEqual(ids)
      expect(selectIds(database, sqlOf(filterOf({ program })))).toEqual(ids)
    })

    test.each(cases)('forbid %s', (condition) => {
      const text = `permit(principal, action, resource); forbid(principal, action, resource) when { ${condition} };`
      for (const forbidErrors of ['deny', 'skip'] as const) {
        const program = programOf(text, forbidErrors)
        expect(selectIds(database, sqlOf(filterOf({ program })))).toEqual(decideIds(rows, { program }))
      }
    })
  })
}
