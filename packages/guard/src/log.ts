// What a guard says about itself. Messages are fixed texts; what varies are fields. No token and no key is among them, and of
// claims only an issuer and an audience that are not the configured ones.

export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** Any logger with these three methods. */
export interface GuardLog {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** One line of JSON each, on the standard error. */
export function createStderrLog(): GuardLog {
  const write = (level: string, message: string, fields: LogFields = {}): void => {
    process.stderr.write(`${JSON.stringify({ level, name: 'cardea-guard', message, ...fields })}\n`)
  }
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  }
}
