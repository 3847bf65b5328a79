// What PostgreSQL and its driver say, as our own codes. What a database says in words can repeat the values of a row, so it
// goes nowhere.

import { AuthorityError } from '../../errors.ts'

/** Connections that cannot be made, break, or are given up; locks and statements that take too long; a server that stops, or takes no writes. */
const UNAVAILABLE = /^(?:08|53|57|58|55P03|25006|25P0[34])|^E(?:CONN|PIPE|HOST|NET|TIMEDOUT|AI_AGAIN|NOTFOUND)/
/** A text with U+0000, which PostgreSQL does not keep. */
const NO_TEXT = ['22021', '22P05']

export function storeError(error: unknown): unknown {
  if (error instanceof AuthorityError || !(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (NO_TEXT.includes(code)) {
    return new AuthorityError('ERR_AUTHORITY_REQUEST', 'a text has the character U+0000', { cause: error })
  }
  // the driver says some of it in words only
  if (
    UNAVAILABLE.test(code) ||
    /connection (?:terminated|timeout)|timeout exceeded|not queryable/i.test(error.message)
  ) {
    return new AuthorityError('ERR_AUTHORITY_STORE_UNAVAILABLE', undefined, { cause: error })
  }
  return 'severity' in error ? refusedStatement(code, error) : error
}

/** Without a cause: its `detail` is `Key (subject)=(...)`. */
function refusedStatement(code: string, error: Error): AuthorityError {
  const constraint = 'constraint' in error && typeof error.constraint === 'string' ? `, ${error.constraint}` : ''
  return new AuthorityError('ERR_AUTHORITY_INTERNAL', `PostgreSQL refused a statement (${code}${constraint})`)
}
