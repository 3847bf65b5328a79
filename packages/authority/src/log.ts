// What the authority writes about itself. Nothing that opens a door can get into a line: the fields that carry tokens,
// keys or secrets are cut out by name, and messages are fixed texts (values are fields, which are escaped JSON).

import { type Logger, pino } from 'pino'

const SECRET_FIELDS = [
  'authorization',
  'dpop',
  'token',
  'subject_token',
  'actor_token',
  'assertion',
  'client_assertion',
  'access_token',
  'refresh_token',
  'client_secret',
  'secret',
  'key',
  'sealed',
  'jws',
  'claims',
  'body',
]

/** What is cut out of every line, for who brings a logger of their own. */
export const redaction: { readonly paths: string[]; readonly remove: true } = {
  paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
  remove: true,
}

export function createLog(): Logger {
  return pino({
    name: 'cardea-authority',
    redact: redaction,
  })
}

/** A log that says nothing, for tests and tools. */
export function createSilentLog(): Logger {
  return pino({ level: 'silent' })
}
